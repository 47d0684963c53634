import type { Frame } from '../profile/model.ts';
import { detectChargedWork } from './detect-charged-work.ts';

/** Names that TypeScript, Babel and SWC give to the functions with which they stand in for newer syntax. */
const HELPERS =
  /^(?:__(?:awaiter|generator|spreadArrays?|spread|read|values|assign|rest|extends|asyncValues|asyncGenerator|asyncDelegator|await|makeTemplateObject|importStar|classPrivateField(?:Get|Set|In))|_+(?:asyncToGenerator|async_to_generator|asyncGeneratorStep|objectSpread2?|object_spread|objectWithoutProperties(?:Loose)?|toConsumableArray|to_consumable_array|slicedToArray|sliced_to_array|createForOfIteratorHelper(?:Loose)?|iterableToArray(?:Limit)?|arrayLikeToArray|arrayWithoutHoles|createClass|classCallCheck|class_call_check|createSuper|callSuper|inherits|extends|wrapNativeSuper|regeneratorRuntime|regenerator|ts_generator))$/;

const PACKAGES =
  /^(?:tslib|regenerator-runtime|core-js(?:-pure|-bundle)?|@babel\/(?:runtime|runtime-corejs[23]|polyfill)|@swc\/helpers|es6-shim|es5-shim|whatwg-fetch|promise-polyfill|es6-promise)$/;

function isHelper({ name, kind, package: owner }: Frame): boolean {
  return kind === 'js' && (HELPERS.test(name) || (owner !== undefined && PACKAGES.test(owner)));
}

/** Code made for old engines: helpers and polyfills in place of what this engine does by itself, and faster. */
export const transpiledHelper = detectChargedWork({
  id: 'transpiled-helper',
  title: 'Transpiled helper or polyfill',
  layer: 'infrastructure',
  subject: 'Helpers and polyfills for old engines, most of it for',
  together: true,
  isWork: isHelper,
  signals: (costs) => ['transpiled', ...costs.map(({ frame }) => `helper:${frame.name}`)],
  confirm: (place) =>
    `Build for the Node.js that runs it (target ES2022 or newer) and look at ${place} again: the helpers must be gone, and tests must pass.`,
});
