/**
 * What a sign-in asks for: to manage the user's own subscriptions, to read what the forms and labels need, and to read
 * records, from which missed changes are found.
 */
export const requiredScopes: readonly string[] = [
  "ZohoCRM.notifications.ALL",
  "ZohoCRM.settings.modules.READ",
  "ZohoCRM.settings.fields.READ",
  "ZohoCRM.modules.READ",
  "ZohoCRM.org.READ",
  "ZohoCRM.users.READ",
];
