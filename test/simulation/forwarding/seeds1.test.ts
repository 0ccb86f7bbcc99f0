import { assertForwarded } from "./assertForwarded.ts";

assertForwarded({ first: 1, count: 75 });
