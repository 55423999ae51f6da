/**
 * The JSON Schema of a configuration in a modern format, for editors and for other programs that write one.
 *
 * It is made from the table of sections and keys. Keys are in lower case in it, while the reader of a file ignores their
 * case.
 *
 * @since 0.1.0
 */
import * as ConfigSchema from "./ConfigSchema.ts"
import * as OwnSetting from "./OwnSetting.ts"
import * as ValueType from "./ValueType.ts"

/**
 * Makes the schema, with the settings that somebody else's command, of this `name`, adds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const make = (name = "zdaemon", own: ReadonlyArray<OwnSetting.OwnSetting> = []): ValueType.Json => {
  const definitions = Array.from(
    OwnSetting.sectionTypes(own),
    ([type, section]) => [type, sectionSchema(section)] as const
  )
  const [, root = {}] = definitions.find(([type]) => type === "") ?? []
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: name,
    ...root,
    properties: { $schema: { type: "string" }, ...root["properties"] },
    $defs: Object.fromEntries(definitions.filter(([type]) => type !== ""))
  }
}

// ===== Internal

type Properties = { readonly [key: string]: ValueType.Json }

const sectionSchema = ({ description, keys, slots }: ConfigSchema.SectionType): {
  readonly [key: string]: ValueType.Json
  readonly properties?: Properties
} => {
  if (keys === "any") {
    return { description, type: "object", additionalProperties: ValueType.word.jsonSchema }
  }
  const required = [...keys].flatMap(([name, { occurrence }]) => isRequired(occurrence) ? [name] : [])
  return {
    description,
    type: "object",
    properties: {
      ...Object.fromEntries(Array.from(keys, ([name, key]) => [name, keySchema(key)])),
      ...Object.fromEntries(
        slots.flatMap(({ occurrence, types }) =>
          types.map((type) => [type, oneOrMany(occurrence, { $ref: `#/$defs/${type}` })])
        )
      )
    },
    required: [...required, ...slots.flatMap(({ name, occurrence }) => isRequired(occurrence) ? [name] : [])],
    additionalProperties: false
  }
}

const keySchema = ({ description, fallback, occurrence, type }: ConfigSchema.Key): Properties => ({
  description,
  ...oneOrMany(occurrence, type.jsonSchema),
  ...(fallback === undefined ? {} : { default: type.natural(fallback) })
})

const oneOrMany = (occurrence: ConfigSchema.Occurrence, schema: Properties): Properties =>
  ConfigSchema.isRepeatable(occurrence)
    ? { anyOf: [schema, { type: "array", items: schema, ...(isRequired(occurrence) ? { minItems: 1 } : {}) }] }
    : schema

const isRequired = (occurrence: ConfigSchema.Occurrence): boolean =>
  occurrence === "required" || occurrence === "several"
