import { assertNoRuleIsBroken } from "./assertNoRuleIsBroken.ts";

assertNoRuleIsBroken({ first: 151, count: 150 });
