/**
 * Every document that `--json` prints.
 *
 * @since 0.1.0
 */
import * as Answer from "./Answer.ts"
import * as Check from "./check.ts"
import * as Config from "./config.ts"
import * as Crashes from "./crashes.ts"
import * as Explain from "./explain.ts"
import * as Forecast from "./Forecast.ts"
import * as History from "./history.ts"
import * as Show from "./show.ts"
import * as StatusDocument from "./StatusDocument.ts"

/**
 * The documents, by name.
 *
 * @category schemas
 * @since 0.1.0
 */
export const all = [
  Check.document,
  Config.document,
  Crashes.document,
  Crashes.listDocument,
  History.document,
  Explain.document,
  Forecast.document,
  Answer.result,
  Show.document,
  StatusDocument.document
] as const
