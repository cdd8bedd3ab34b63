import { describeFraming } from "./framing_suite.ts";

describeFraming("framing_own.jsonl");
