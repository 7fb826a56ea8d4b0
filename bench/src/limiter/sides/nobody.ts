import { serveSide } from './serve-side.ts'

/* Decides nothing: what the loop and the processor take by themselves is part of every other number. */
serveSide((limit) => ({ decide: () => limit }))
