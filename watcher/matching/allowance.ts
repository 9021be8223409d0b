/**
 * Work that several evaluations of expressions may take together: what one Hook asks of one object at once.
 *
 * Containers and configurations multiply.
 */

/** In units of the meter: some tens of milliseconds at worst; what people write takes a thousandth of it. */
export const mostWork = 200_000;
const mostWorkAtOnce = 10 * mostWork;

export interface Allowance {
  left: number;
}

export function newAllowance(): Allowance {
  return { left: mostWorkAtOnce };
}
