/** Where runs go that are given a name alone, below the working folder. */
export const RUNS = 'runs';
