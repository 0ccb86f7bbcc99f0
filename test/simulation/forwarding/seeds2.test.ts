import { assertForwarded } from "./assertForwarded.ts";

assertForwarded({ first: 76, count: 75 });
