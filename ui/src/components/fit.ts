import type { Attachment } from 'svelte/attachments'

const SMALLEST = 60
const STEP = 2

/**
 * Makes words that come from outside fit: lowers `--fit` from 1 until nothing overflows.
 * `text` is what is shown; a new text is measured again.
 */
export function fit(text: string): Attachment<HTMLElement> {
  return (node) => {
    node.dataset.fitted = String(text.length)
    node.scrollTop = 0
    const measure = () => {
      for (let percent = 100; percent >= SMALLEST; percent -= STEP) {
        node.style.setProperty('--fit', String(percent / 100))
        if (node.scrollHeight <= node.clientHeight && node.scrollWidth <= node.clientWidth) return
      }
    }
    const observer = new ResizeObserver(measure)
    observer.observe(node)
    return () => observer.disconnect()
  }
}
