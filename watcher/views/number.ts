/**
 * Numbers from the cluster, as whole as they are meant: what is written beyond the range of their type is taken for its end.
 *
 * Counts of Kubernetes are int32 and generations int64; of the latter, those that a number can hold are kept apart.
 */
import { z } from 'zod';

const int32 = { least: -(2 ** 31), most: 2 ** 31 - 1 } as const;

const whole = (least: number, most: number) =>
  z.number().overwrite((number) => Math.min(Math.max(Math.trunc(number), least), most));

export const Int32 = whole(int32.least, int32.most);

/** Never negative; 0 where it is left out. */
export const Count = whole(0, int32.most)
  .nullish()
  .transform((count) => count ?? 0);

export const Generation = whole(0, Number.MAX_SAFE_INTEGER)
  .nullish()
  .transform((generation) => generation ?? 0);
