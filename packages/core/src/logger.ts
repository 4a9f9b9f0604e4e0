/** What hookshake needs of a logger: the shape of pino's, so a pino logger fits as it is. */
export interface Logger {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Warnings and errors on the console, as one line each. What a receiver uses unless told otherwise. */
export const consoleLogger: Logger = {
  warn: (_details, message) => console.warn(`hookshake: ${message}`),
  error: (_details, message) => console.error(`hookshake: ${message}`),
};

/** A logger that says nothing: `logger: false`. */
export const silentLogger: Logger = { warn: () => {}, error: () => {} };
