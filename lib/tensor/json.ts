/** A value that JSON holds exactly; what small state besides tensors is made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
