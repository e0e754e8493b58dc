/** Pictures of people on a canvas: the camera's preview, pulled frame by frame, and the registered photo. */
import { nextFrame } from './commands'

const SEQUENCE_BYTES = 8

const SIZE_BYTES = 8

/** A picture as it crosses from Rust: pixels, because a decoder would keep them. */
export interface Picture {
  width: number
  height: number
  /** RGBA, row by row. */
  pixels: Uint8ClampedArray<ArrayBuffer>
}

/** One frame of the preview. */
export interface PreviewFrame {
  /** Grows with every frame. */
  sequence: number
  picture: Picture
}

/** Reads a picture: width and height, 4 bytes each, little-endian, then RGBA. Null when there is none. */
export function readPicture(bytes: ArrayBuffer, start = 0): Picture | null {
  if (bytes.byteLength <= start + SIZE_BYTES) return null
  const view = new DataView(bytes, start)
  const [width, height] = [view.getUint32(0, true), view.getUint32(4, true)]
  const pixels = new Uint8ClampedArray(bytes, start + SIZE_BYTES)
  return pixels.length === width * height * 4 ? { width, height, pixels } : null
}

/** Reads a frame: 8 bytes little-endian sequence, then a picture. Null when the preview is over. */
export function readFrame(bytes: ArrayBuffer): PreviewFrame | null {
  const picture = readPicture(bytes, SEQUENCE_BYTES)
  if (picture === null) return null
  return { sequence: Number(new DataView(bytes).getBigUint64(0, true)), picture }
}

/** Draws a picture at its own size over the whole canvas, wipes it and gives its memory back. */
function draw(canvas: HTMLCanvasElement, { width, height, pixels }: Picture): void {
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0)
  pixels.fill(0)
  // Not when garbage is collected next: by then a second of preview would lie about.
  pixels.buffer.transfer(0)
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
    draw(canvas, frame.picture)
    frames += 1
    onFrame(frames)
    // A picture that is never painted need not be fetched.
    await new Promise(requestAnimationFrame)
    frame = await pull(frame.sequence)
  }
  wipe(canvas)
}

/** Draws a still picture; nothing when there is none. */
export function showPicture(canvas: HTMLCanvasElement, bytes: ArrayBuffer): void {
  const picture = readPicture(bytes)
  if (picture !== null) draw(canvas, picture)
}
