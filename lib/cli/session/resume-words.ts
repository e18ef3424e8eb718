/**
 * Whether a run goes on from the checkpoints of its folder:
 *
 * - `must`: it fails if there is none
 * - `allow`: it does if there is one
 * - `never`: it fails if there is one
 * - `auto`: as `allow`; and without a folder, in that of the last run of the same module that did not finish
 */
export const RESUME_WORDS = ['must', 'allow', 'never', 'auto'] as const;

export type ResumePolicy = (typeof RESUME_WORDS)[number];
