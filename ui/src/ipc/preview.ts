/** The camera's preview: frames are pulled, drawn as in a mirror, and forgotten. */
import { nextFrame } from './commands'

const SEQUENCE_BYTES = 8

/** One frame as it crosses from Rust. */
export interface PreviewFrame {
  /** Grows with every frame. */
  sequence: number
  /** The picture. */
  jpeg: Uint8Array<ArrayBuffer>
}

/** Reads a frame: 8 bytes little-endian sequence, then JPEG. Null when the preview is over. */
export function readFrame(bytes: ArrayBuffer): PreviewFrame | null {
  if (bytes.byteLength <= SEQUENCE_BYTES) return null
  const sequence = Number(new DataView(bytes).getBigUint64(0, true))
  return { sequence, jpeg: new Uint8Array(bytes, SEQUENCE_BYTES) }
}

/** Draws a bitmap at its own size, mirrored or not, over the whole canvas. */
function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, mirrored: boolean): void {
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  const context = canvas.getContext('2d')
  if (context === null) return
  if (mirrored) context.setTransform(-1, 0, 0, 1, bitmap.width, 0)
  context.drawImage(bitmap, 0, 0)
}

/** Decodes a picture, draws it and wipes the bytes. */
async function show(canvas: HTMLCanvasElement, picture: Uint8Array<ArrayBuffer>, mirrored: boolean): Promise<void> {
  const decoding = createImageBitmap(new Blob([picture]))
  picture.fill(0)
  const bitmap = await decoding
  draw(canvas, bitmap, mirrored)
  bitmap.close()
}

/** Empties a canvas, so that no picture outlives its screen. */
export function wipe(canvas: HTMLCanvasElement): void {
  canvas.width = 0
  canvas.height = 0
}

/** The next frame, or null when the preview is over; a refusal means that it is over too. */
async function pull(after: number): Promise<PreviewFrame | null> {
  try {
    return readFrame(await nextFrame(after))
  } catch {
    return null
  }
}

/** Pulls and draws frames until the preview is over or `signal` aborts; `onFrame` gets their number. */
export async function playPreview(
  canvas: HTMLCanvasElement,
  signal: AbortSignal,
  onFrame: (frames: number) => void,
): Promise<void> {
  let frames = 0
  let frame = await pull(0)
  while (frame !== null && !signal.aborted) {
    const { sequence, jpeg } = frame
    try {
      await show(canvas, jpeg, true)
      frames += 1
      onFrame(frames)
    } catch {
      // A damaged frame is passed over; the next one is on its way.
    }
    frame = await pull(sequence)
  }
  wipe(canvas)
}

/** Draws a still picture, not mirrored; nothing when there is none. */
export async function showPicture(canvas: HTMLCanvasElement, bytes: ArrayBuffer): Promise<void> {
  if (bytes.byteLength > 0) await show(canvas, new Uint8Array(bytes), false)
}
