/** Circumference of the ring around the seconds, for a radius of 20. */
export const RING = 2 * Math.PI * 20

/** Part of the ring that is still drawn; `first` is the number that the countdown began with. */
export function remaining(seconds: number, first: number): number {
  return first > 0 ? RING * Math.min(1, seconds / first) : 0
}

/** Seconds as `m:ss`. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
