import { type Options, switched, text } from './options.ts'

/** What every command takes. */
export const globalOptions = {
  config: text('<file>', 'settings to use instead of stance.yaml in this directory'),
  demo: switched("the demo's data instead of your own (see `stance demo`)"),
} satisfies Options

export const jsonOption = (json: true | string) => switched(json === true ? 'JSON instead of text' : json)
