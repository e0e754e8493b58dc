import { describe, expect, it } from 'vitest'
import { readFrame } from './preview'

function frame(sequence: bigint, ...jpeg: number[]): ArrayBuffer {
  const bytes = new ArrayBuffer(8 + jpeg.length)
  new DataView(bytes).setBigUint64(0, sequence, true)
  new Uint8Array(bytes, 8).set(jpeg)
  return bytes
}

describe('a preview frame', () => {
  it('is a little-endian sequence number and a JPEG', () => {
    const bytes = new Uint8Array([0x02, 0x01, 0, 0, 0, 0, 0, 0, 0xff, 0xd8, 0xff]).buffer
    const read = readFrame(bytes)
    expect(read?.sequence).toBe(0x0102)
    expect([...(read?.jpeg ?? [])]).toEqual([0xff, 0xd8, 0xff])
  })

  it('keeps a sequence number above 32 bits', () => {
    expect(readFrame(frame(2n ** 40n + 1n, 1))?.sequence).toBe(2 ** 40 + 1)
  })

  it('is over when it is empty or has no picture', () => {
    expect(readFrame(new ArrayBuffer(0))).toBeNull()
    expect(readFrame(frame(9n))).toBeNull()
  })
})
