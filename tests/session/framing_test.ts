import { describeFraming } from "./framing_suite.ts";

describeFraming("framing.jsonl");
