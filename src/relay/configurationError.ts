/** The relay cannot run as it was told to; the message is a sentence for whoever told it. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
