/** The questions about an incident, one after the other. */
export const STEPS = ['kind', 'class', 'when', 'measures', 'advice'] as const

/** One of them. */
export type IncidentStep = (typeof STEPS)[number]
