import { assertNoRuleIsBroken } from "./assertNoRuleIsBroken.ts";

assertNoRuleIsBroken({ first: 1, count: 150 });
