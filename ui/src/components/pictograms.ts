/**
 * The pictograms, drawn on a field of 96 by 96. They must be understood without words,
 * so a thing looks the same wherever it appears: the badge, the face, the colleague, the gate.
 */

/** One pictogram: paths that are filled or stroked, in the text's colour or the accent. */
export interface Drawing {
  solid?: string[]
  line?: string[]
  accentSolid?: string[]
  accentLine?: string[]
  /** What follows, where a movement is asked for: the two are shown in turn. */
  then?: Drawing
}

/** Two decimals are finer than any screen shows. */
function path(strings: TemplateStringsArray, ...numbers: number[]): string {
  return String.raw({ raw: strings }, ...numbers.map((n) => Math.round(n * 100) / 100))
}

function circle(x: number, y: number, r: number): string {
  return path`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
}

function box(x: number, y: number, w: number, h: number, r = 0): string {
  const corner = (dx: number, dy: number) => path`a${r} ${r} 0 0 1 ${dx} ${dy}`
  const top = path`M${x + r} ${y}h${w - 2 * r}` + corner(r, r)
  const right = path`v${h - 2 * r}` + corner(-r, r)
  const bottom = path`h${2 * r - w}` + corner(-r, -r)
  const left = path`v${2 * r - h}` + corner(r, -r)
  return `${top}${right}${bottom}${left}z`
}

/** Head and shoulders, `s` times the size of a head with radius 10, head centred at x, y. */
function bust(x: number, y: number, s: number): string[] {
  const w = 19 * s
  const top = y + 13 * s
  return [circle(x, y, 10 * s), path`M${x - w} ${top + 20 * s}v${-5 * s}a${w} ${15 * s} 0 0 1 ${2 * w} 0v${5 * s}z`]
}

const FRAME = ['M8 28V16a8 8 0 0 1 8-8h12', 'M68 8h12a8 8 0 0 1 8 8v12', 'M88 68v12a8 8 0 0 1-8 8H68', 'M28 88H16a8 8 0 0 1-8-8V68']

function eyes(x: number, y: number, s = 1): string[] {
  return [circle(x - 8 * s, y - 4 * s, 3.2 * s), circle(x + 8 * s, y - 4 * s, 3.2 * s)]
}

function smile(x: number, y: number, s = 1): string {
  return path`M${x - 9 * s} ${y + 9 * s}q${9 * s} ${5 * s} ${18 * s} 0`
}

/** A head seen from the front, with its nose where it points: right and down from the middle. */
function head(right: number, down: number): { line: string[]; solid: string[] } {
  const [x, y] = [48 + right, 50 + down]
  // Eyes nearer the edge of a turned head are closer to each other.
  const apart = 10 - Math.abs(right) * 0.2
  return {
    line: [circle(48, 50, 28), path`M${x} ${y}v7`, path`M${x - 7} ${y + 14}h14`],
    solid: [circle(x - apart, y - 6, 3.6), circle(x + apart, y - 6, 3.6)],
  }
}

/** A face that turns under a light. The light has no side: it may come from either. */
const LIT_FACE = {
  line: [circle(48, 66, 25), smile(48, 68, 1)],
  solid: eyes(48, 64, 1),
  accentSolid: [circle(48, 13, 8)],
  accentLine: ['M32 13v.1', 'M64 13v.1', 'M37 2v.1', 'M59 2v.1', 'M14 50A36 36 0 0 1 82 50', 'M10 36l4 14l13-5', 'M86 36l-4 14l-13-5'],
}

/** A badge on the left with a round mark at its lower right corner. */
function badgeWith(...sign: string[]): Drawing {
  return {
    line: ['M44 88H16a6 6 0 0 1-6-6V20a6 6 0 0 1 6-6h44a6 6 0 0 1 6 6v22'],
    solid: [box(32, 4, 12, 18, 3), ...bust(38, 38, 0.75), 'M20 66h20v5H20z', 'M20 75h14v5H20z'],
    accentLine: [circle(69, 69, 21), ...sign],
  }
}

const CAMERA_BODY = ['M16 28h14l6-12h24l6 12h14a8 8 0 0 1 8 8v38a8 8 0 0 1-8 8H16a8 8 0 0 1-8-8V36a8 8 0 0 1 8-8z']
const CODE_SPOTS = [box(34, 40, 10, 10), box(52, 40, 10, 10), box(34, 58, 10, 10), box(52, 58, 4.5, 4.5), box(57.5, 63.5, 4.5, 4.5)]
const SUN = [...[0, 45, 90, 135, 180, 225, 270, 315]].map((degrees) => {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  return path`M${40 + 24 * c} ${44 + 24 * s}L${40 + 34 * c} ${44 + 34 * s}`
})

export const PICTOGRAMS = {
  badge: {
    line: [box(18, 14, 60, 78, 7)],
    solid: [box(41, 3, 14, 20, 3), ...bust(48, 40, 0.95), 'M32 75h32v6H32z'],
  },
  choice: {
    line: [circle(22, 24, 16), smile(22, 24, 0.8), 'M48 90V68', 'M48 68L26 54M48 68l22-14', 'M26 64V53h11', 'M70 64V53H59'],
    solid: [...eyes(22, 24, 0.75), ...bust(74, 16, 0.85)],
  },
  gate: {
    solid: [box(6, 44, 16, 46, 4), box(74, 44, 16, 46, 4)],
    accentLine: ['M48 88V14', 'M26 36l22-22l22 22'],
  },
  'gate-closed': {
    solid: [box(4, 30, 15, 62, 4), box(77, 30, 15, 62, 4), box(17, 58, 62, 9)],
    accentLine: [circle(48, 24, 19), 'M48 13v12l8 5'],
  },
  'gate-other': {
    solid: [box(1, 42, 8, 48, 3), box(37, 42, 8, 48, 3)],
    line: ['M15 54l16 16', 'M31 54L15 70'],
    accentSolid: [box(53, 42, 8, 48, 3), box(87, 42, 8, 48, 3)],
    accentLine: ['M74 88V16', 'M58 32l16-16l16 16'],
  },
  face: { line: [...FRAME, circle(48, 48, 25), smile(48, 48, 1.1)], solid: eyes(48, 48, 1.1) },
  staff: { solid: [...bust(48, 20, 1.25), box(6, 66, 84, 9, 3), box(14, 79, 68, 11, 2)] },
  'staff-desk': {
    solid: [...bust(34, 24, 1.1), box(4, 64, 60, 9, 3), box(10, 77, 48, 13, 2)],
    accentLine: ['M66 34h24', 'M78 20l14 14l-14 14'],
  },
  help: {
    solid: bust(34, 46, 1.3),
    accentLine: ['M60 20a12 12 0 1 1 17 11c-4 2-5 4-5 8'],
    accentSolid: [circle(72, 51, 3.6)],
  },
  stop: { line: ['M24 24l48 48', 'M72 24L24 72'] },
  keys: {
    line: [box(6, 20, 84, 56, 8)],
    solid: [20, 34, 48, 62, 76].flatMap((x) => [circle(x, 36, 3.6), circle(x, 48, 3.6)]).concat(box(28, 58, 40, 7, 3)),
  },
  camera: { line: [...CAMERA_BODY, circle(48, 54, 16)] },
  'camera-off': { line: [...CAMERA_BODY, circle(48, 54, 16)], accentLine: ['M8 92L88 8'] },
  'camera-code': { line: CAMERA_BODY, accentSolid: CODE_SPOTS },
  globe: { line: [circle(48, 48, 38), 'M10 48h76', 'M48 10c-24 20-24 56 0 76c24-20 24-56 0-76z'] },
  back: { line: ['M84 48H14', 'M42 18L12 48l30 30'] },
  again: { line: ['M80 50a32 32 0 1 1-10-25', 'M72 8v18H54'] },
  backspace: { line: ['M34 20h48a6 6 0 0 1 6 6v44a6 6 0 0 1-6 6H34L8 48z', 'M46 37l22 22', 'M68 37L46 59'] },
  tick: { line: ['M14 52l24 24l44-52'] },
  erase: {
    line: [circle(48, 62, 13), smile(48, 62, 0.5)],
    solid: eyes(48, 62, 0.6),
    accentLine: ['M18 32l6 52a8 8 0 0 0 8 7h32a8 8 0 0 0 8-7l6-52', 'M8 28h80', 'M34 26V14a6 6 0 0 1 6-6h16a6 6 0 0 1 6 6v12'],
  },
  compare: {
    line: [box(5, 18, 36, 48, 6), circle(72, 42, 19), smile(72, 42, 0.85)],
    solid: [...bust(23, 36, 0.68), ...eyes(72, 42, 0.85)],
    accentLine: ['M26 82h44', 'M34 74l-9 8l9 8', 'M62 74l9 8l-9 8'],
  },
  'guidance-look_here': {
    line: ['M6 50Q48 8 90 50Q48 92 6 50z'],
    accentSolid: [circle(48, 50, 14)],
  },
  'guidance-one_person': {
    solid: bust(30, 44, 1.25),
    line: bust(72, 54, 0.85),
    accentLine: ['M18 14l9 9l16-16', 'M64 12l16 16', 'M80 12L64 28'],
  },
  'guidance-come_closer': {
    line: [box(6, 14, 10, 68, 3)],
    solid: bust(72, 42, 1.1),
    accentLine: ['M48 48H26', 'M36 36L24 48l12 12'],
  },
  'guidance-move_back': {
    line: [box(6, 14, 10, 68, 3)],
    solid: bust(42, 42, 1.1),
    accentLine: ['M66 48h22', 'M78 36l12 12l-12 12'],
  },
  'guidance-centre_face': {
    line: FRAME,
    solid: [...bust(68, 44, 1)],
    accentLine: ['M44 50H22', 'M32 40L22 50l10 10'],
  },
  'guidance-more_light': { line: SUN, solid: [circle(40, 44, 15)], accentLine: ['M76 66v24', 'M64 78h24'] },
  'guidance-less_light': { line: SUN, solid: [circle(40, 44, 15)], accentLine: ['M64 80h24'] },
  'guidance-face_light': {
    ...LIT_FACE,
    // The half of the face that the light does not reach.
    solid: [...LIT_FACE.solid, 'M48 41a25 25 0 0 1 0 50z'],
    then: LIT_FACE,
  },
  'guidance-hold_still': {
    line: [circle(48, 48, 25), 'M40 58h16'],
    solid: eyes(48, 48, 1.1),
    accentLine: ['M10 26v44', 'M86 26v44'],
  },
  'guidance-face_camera': {
    line: [circle(48, 56, 25), smile(48, 56, 1.1)],
    solid: eyes(48, 56, 1.1),
    accentLine: ['M14 36A38 38 0 0 1 60 12', 'M48 4l14 9l-9 14'],
  },
  'guidance-open_eyes': {
    line: [circle(48, 50, 36), 'M38 72h20'],
    accentLine: [circle(32, 48, 9), circle(64, 48, 9), 'M25 27l7-7l7 7', 'M57 27l7-7l7 7'],
    accentSolid: [circle(32, 48, 4), circle(64, 48, 4)],
  },
  'guidance-uncover': {
    line: [circle(38, 40, 30), 'M28 52q10 7 20 0'],
    solid: [circle(28, 32, 3.6), circle(48, 32, 3.6)],
    accentSolid: ['M52 66q16-7 32 0v10q0 14-16 16q-16-2-16-16z'],
    accentLine: ['M52 70c-8-2-9 12 1 12', 'M84 70c8-2 9 12-1 12', 'M76 32A30 30 0 0 1 80 50', 'M71 43l8 9l9-8'],
  },
  'guidance-turn_left': {
    ...head(0, 0),
    accentLine: ['M84 22A40 40 0 0 0 16 20', 'M16 4v16h16'],
    then: { ...head(-12, 0), accentLine: ['M84 22A40 40 0 0 0 16 20', 'M16 4v16h16'] },
  },
  'guidance-turn_right': {
    ...head(0, 0),
    accentLine: ['M12 22A40 40 0 0 1 80 20', 'M80 4v16H64'],
    then: { ...head(12, 0), accentLine: ['M12 22A40 40 0 0 1 80 20', 'M80 4v16H64'] },
  },
  'guidance-nod': {
    ...head(0, -4),
    accentLine: ['M88 24v50', 'M80 32l8-9l8 9', 'M80 66l8 9l8-9'],
    then: { ...head(0, 9), accentLine: ['M88 24v50', 'M80 32l8-9l8 9', 'M80 66l8 9l8-9'] },
  },
  'guidance-blink': {
    line: [circle(48, 50, 36), 'M38 72h20'],
    accentLine: [circle(32, 46, 8), circle(64, 46, 8)],
    accentSolid: [circle(32, 46, 3.4), circle(64, 46, 3.4)],
    then: { line: [circle(48, 50, 36), 'M38 72h20'], accentLine: ['M22 46q10 9 20 0', 'M54 46q10 9 20 0'] },
  },
  'guidance-comparing': {
    line: [...FRAME, circle(48, 48, 25), smile(48, 48, 1.1)],
    solid: eyes(48, 48, 1.1),
    accentLine: [],
  },
  'problem-unknown': badgeWith('M62 64a7 7 0 1 1 10 6c-3 1.5-3 3-3 5', 'M69 80.5v.2'),
  'problem-malformed': badgeWith('M57 69h5l4-8l6 16l4-8h5'),
  'problem-already_used': badgeWith('M59 70l7 7l14-16'),
  'problem-expired': badgeWith('M62 58h14', 'M62 80h14', 'M64 58c0 8 10 14 10 22', 'M74 58c0 8-10 14-10 22'),
  'problem-not_yet_valid': badgeWith('M69 57v12l8 6'),
  // A coin.
  'problem-unpaid': badgeWith('M61 59l8 9l8-9', 'M69 68v13', 'M62 70h14', 'M62 76h14'),
  // Waits for a stamp.
  'problem-unapproved': badgeWith('M64 60a5 5 0 1 1 10 0l-2 8h-6z', 'M59 74h20', 'M59 81h20'),
  // Another door.
  'problem-wrong_product': badgeWith('M58 81V58h12v23', 'M74 70h9', 'M79 65l5 5l-5 5'),
  // Another badge in its place.
  'problem-revoked': badgeWith('M79 66a11 11 0 0 0-19-2', 'M60 57v8h8', 'M59 73a11 11 0 0 0 19 2', 'M78 82v-8h-8'),
  'problem-blocked': badgeWith('M60 68h18v12H60z', 'M64 68v-4a5 5 0 0 1 10 0v4'),
  question: {
    line: ['M14 10h68a8 8 0 0 1 8 8v42a8 8 0 0 1-8 8H48L28 88V68H14a8 8 0 0 1-8-8V18a8 8 0 0 1 8-8z'],
    accentLine: ['M38 31a10 10 0 1 1 15 9c-4 2-5 4-5 7'],
    accentSolid: [circle(48, 56, 3.4)],
  },
  next: { line: ['M12 48h70', 'M54 18l30 30l-30 30'] },
  receipt: {
    line: ['M18 8h60v80l-10-8l-10 8l-10-8l-10 8l-10-8l-10 8z'],
    accentSolid: [box(31, 22, 14, 14), box(51, 22, 14, 14), box(31, 42, 14, 14), box(51, 42, 6, 6), box(59, 50, 6, 6)],
  },
  policy: {
    line: ['M20 8h38l20 20v60H20z', 'M58 8v20h20'],
    solid: ['M32 42h34v6H32z', 'M32 56h34v6H32z', 'M32 70h22v6H32z'],
  },
  rights: {
    line: ['M20 8h38l20 20v60H20z', 'M58 8v20h20'],
    accentSolid: bust(48, 50, 0.95),
  },
  'age-from_14': { solid: bust(48, 34, 1.7) },
  'age-under_14': { solid: bust(26, 56, 0.95), accentSolid: bust(66, 34, 1.35) },
  guardian: { solid: bust(26, 56, 0.95), accentSolid: bust(66, 34, 1.35) },
  lock: { line: [box(18, 42, 60, 46, 7), 'M30 42V28a18 18 0 0 1 36 0v14'], solid: [circle(48, 62, 6), 'M45.5 62h5v14h-5z'] },
  leave: { line: ['M52 10H18a6 6 0 0 0-6 6v64a6 6 0 0 0 6 6h34', 'M36 48h50', 'M66 26l22 22l-22 22'] },
  end: { line: [box(14, 8, 68, 80, 8), 'M34 34l28 28', 'M62 34L34 62'] },
  refuse: { line: [circle(48, 48, 38), 'M22 48h52'] },
  chart: { line: ['M10 8v80h78'], accentSolid: [box(22, 52, 14, 30), box(44, 30, 14, 52), box(66, 16, 14, 66)] },
  kiosks: { line: [box(8, 10, 34, 46, 5), box(54, 10, 34, 46, 5), 'M25 56v20', 'M71 56v20', 'M12 86h72'], accentSolid: [box(18, 20, 14, 14), box(64, 20, 14, 14)] },
  incident: { line: ['M48 10L90 84H6z', 'M48 38v22'], solid: [circle(48, 71, 4)] },
  wrench: { line: ['M60 12a22 22 0 0 0-27 28L10 64a8 8 0 0 0 0 12l8 8a8 8 0 0 0 12 0l24-23a22 22 0 0 0 28-27L68 46L52 42l-4-14z'] },
  forward: { line: ['M48 88V12', 'M16 44l32-32l32 32'] },
} satisfies Record<string, Drawing>

/** Names of the pictograms. */
export type PictogramName = keyof typeof PICTOGRAMS
