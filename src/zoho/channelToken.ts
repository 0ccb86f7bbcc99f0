/** The variable of the shell that stands for the token of the channel. */
export const channelTokenVariable = "ZOHO_CHANNEL_TOKEN";

/** What a fixture says where the token of the channel belongs: it is filled in when the fixture is sent. */
export const tokenPlaceholder = `\${${channelTokenVariable}}`;

/** What stands where something was that opens something. */
export const hiddenMark = "(hidden)";
