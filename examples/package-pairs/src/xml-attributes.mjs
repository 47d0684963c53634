import parser from 'xml-attributes-before';

/** A feed of articles, attributes included. */
export function run(xml) {
  return parser.parse(xml, { ignoreAttributes: false });
}
