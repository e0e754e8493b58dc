import { describe, expect, it } from 'vitest'
import { readFrame, readPicture } from './preview'

function frame(sequence: bigint, width: number, height: number, pixels: number): ArrayBuffer {
  const bytes = new ArrayBuffer(16 + pixels * 4)
  const view = new DataView(bytes)
  view.setBigUint64(0, sequence, true)
  view.setUint32(8, width, true)
  view.setUint32(12, height, true)
  new Uint8Array(bytes, 16).fill(7)
  return bytes
}

describe('a preview frame', () => {
  it('is a little-endian sequence number, a size and pixels', () => {
    const bytes = new Uint8Array([0x02, 0x01, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 8, 7, 255]).buffer
    const read = readFrame(bytes)
    expect(read?.sequence).toBe(0x0102)
    expect([read?.picture.width, read?.picture.height]).toEqual([1, 1])
    expect([...(read?.picture.pixels ?? [])]).toEqual([9, 8, 7, 255])
  })

  it('keeps a sequence number above 32 bits', () => {
    expect(readFrame(frame(2n ** 40n + 1n, 2, 3, 6))?.sequence).toBe(2 ** 40 + 1)
  })

  it('is over when it is empty or has no picture', () => {
    expect(readFrame(new ArrayBuffer(0))).toBeNull()
    expect(readFrame(frame(9n, 0, 0, 0))).toBeNull()
  })

  it('has as many pixels as its size says', () => {
    expect(readFrame(frame(9n, 2, 3, 5))).toBeNull()
    expect(readPicture(frame(9n, 2, 3, 7), 8)).toBeNull()
  })
})
