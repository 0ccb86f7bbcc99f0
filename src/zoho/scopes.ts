/** What a sign-in asks for: to manage the user's own subscriptions, and to read what the forms and labels need. */
export const requiredScopes: readonly string[] = [
  "ZohoCRM.notifications.ALL",
  "ZohoCRM.settings.modules.READ",
  "ZohoCRM.settings.fields.READ",
  "ZohoCRM.org.READ",
  "ZohoCRM.users.READ",
];
