import { anil, boil } from "./algorithms/anil.ts";
import { cavia } from "./algorithms/cavia.ts";
import { maml } from "./algorithms/maml.ts";
import { mamlPlusPlus } from "./algorithms/maml-plus-plus.ts";
import { metaSgd } from "./algorithms/meta-sgd.ts";
import { protoMaml, prototypical } from "./algorithms/proto-maml.ts";
import { reptile } from "./algorithms/reptile.ts";
import type { Make } from "./described.ts";
import { adam } from "./optimizers/adam.ts";
import { sgd } from "./optimizers/sgd.ts";

/** The algorithms that `rvml/adapt` adapts by: those with simple steps. The others take half as much code again, each. */
export const adaptable: Record<string, Make> = {
  anil,
  boil,
  cavia,
  maml,
  mamlPlusPlus,
  metaSgd,
  protoMaml,
  prototypical,
  reptile,
};

/** What their options may be made of. */
export const adaptableParts: Record<string, Make> = { adam, sgd };
