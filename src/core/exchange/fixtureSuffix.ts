/** How the names of fixtures end; the JSON schema in media/schemas/ is bound to it. */
export const fixtureSuffix = ".zoho-event.json";
