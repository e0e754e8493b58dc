/** The badge code as it is typed on the pad. */

/** Crockford's 32 symbols, without I, L, O and U. */
export const SYMBOLS = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']
/** The five further check symbols of Crockford, modulo 37. */
export const CHECK_SYMBOLS = [...'*~$=U']
/** As many symbols as the pad takes. */
export const PAD_LIMIT = 32

const GROUP = 4

/** The code without the spaces that only help the eye. */
export function bare(text: string): string {
  return text.replaceAll(/\s/g, '')
}

/** The code in groups of four. */
export function grouped(code: string): string {
  return bare(code).replaceAll(new RegExp(`(.{${GROUP}})(?=.)`, 'g'), '$1 ')
}

/** The code with one more symbol, as long as there is room. */
export function append(code: string, symbol: string): string {
  return code.length < PAD_LIMIT ? code + symbol : code
}

/** The code without its last symbol. */
export function dropLast(code: string): string {
  return code.slice(0, -1)
}
