/**
 * The part of Zoho's Node.js SDK that the tests use, after its sources: it comes without types. Nullable wherever the
 * SDK leaves a member unset because the answer did not have it.
 */
declare module "@zohocrm/nodejs-sdk-8.0" {
  export class Environment {
    constructor(url: string, accountsUrl: string, fileUploadUrl: string);
    getUrl(): string;
  }

  export class OAuthToken {
    getAccessToken(): string | undefined;
    getRefreshToken(): string | undefined;
    getAPIDomain(): string | undefined;
    setAccessToken(accessToken: string | null): void;
  }

  export class OAuthBuilder {
    clientId(clientId: string): this;
    clientSecret(clientSecret: string): this;
    grantToken(grantToken: string): this;
    refreshToken(refreshToken: string): this;
    findUser(findUser: boolean): this;
    build(): OAuthToken;
  }

  export class FileStore {
    constructor(path: string);
    getTokens(): Promise<OAuthToken[]>;
  }

  export class SDKConfig {
    private readonly brand: undefined;
  }

  export class SDKConfigBuilder {
    autoRefreshFields(refresh: boolean): this;
    pickListValidation(validate: boolean): this;
    build(): SDKConfig;
  }

  export interface Builder {
    environment(environment: Environment): this;
    token(token: OAuthToken): this;
    store(store: FileStore): this;
    SDKConfig(config: SDKConfig): this;
    resourcePath(path: string): this;
    initialize(): Promise<void>;
  }

  /** The constructor gives a promise of the builder. */
  export const InitializeBuilder: new () => Promise<Builder>;

  export class Choice<T> {
    constructor(value: T);
    getValue(): T;
  }

  export class Param {
    constructor(name: string, className: string);
    getName(): string;
  }

  export class ParameterMap {
    add(param: Param, value: unknown): Promise<void>;
  }

  export class Header {
    constructor(name: string, className: string);
    getName(): string;
  }

  export class HeaderMap {
    add(header: Header, value: unknown): Promise<void>;
  }

  export class APIResponse {
    getStatusCode(): number;
    getObject(): object | null;
    getHeaders(): ReadonlyMap<string, string>;
  }

  /** What all success and error models of the SDK have in common. */
  export interface StatusModel {
    getStatus(): Choice<string>;
    getCode(): Choice<string>;
    /** Some models wrap the text, some do not. */
    getMessage(): Choice<string> | string;
    getDetails(): ReadonlyMap<string, unknown>;
  }

  export namespace Notifications {
    class APIException implements StatusModel {
      getStatus(): Choice<string>;
      getCode(): Choice<string>;
      getMessage(): string;
      getDetails(): ReadonlyMap<string, unknown>;
    }
    class SuccessResponse implements StatusModel {
      getStatus(): Choice<string>;
      getCode(): Choice<string>;
      getMessage(): Choice<string>;
      getDetails(): ReadonlyMap<string, unknown>;
    }
    class Event {
      getChannelId(): string;
      getChannelExpiry(): Date | null | undefined;
      getResourceId(): bigint;
      getResourceName(): string;
      getResourceUri(): string;
    }
    class Notification {
      setChannelId(channelId: string): void;
      setEvents(events: string[]): void;
      setNotifyUrl(url: string): void;
      setToken(token: string): void;
      setChannelExpiry(expiry: Date): void;
      setNotifyOnRelatedAction(notify: boolean): void;
      setReturnAffectedFieldValues(asked: boolean): void;
      setDeleteEvents(drop: Choice<boolean>): void;
      /** The same in the SDK for v7. */
      setDeleteevents(drop: Choice<boolean>): void;
      setNotificationCondition(conditions: NotificationCondition[]): void;
      getChannelId(): string;
      getChannelExpiry(): Date;
      getEvents(): string[];
      getNotifyUrl(): string;
      getToken(): string | null | undefined;
      getResourceName(): string;
      getNotifyOnRelatedAction(): boolean;
      getReturnAffectedFieldValues(): boolean;
      getNotificationCondition(): NotificationCondition[] | null | undefined;
    }
    class NotificationCondition {
      setType(type: string): void;
      setModule(module: Module): Promise<void>;
      setFieldSelection(selection: Criteria): Promise<void>;
      getType(): string;
      getFieldSelection(): Criteria;
      getModule(): Module;
    }
    class Module {
      setAPIName(name: string): void;
      setId(id: bigint): void;
    }
    class Field {
      setAPIName(name: string): void;
      getAPIName(): string;
    }
    class Criteria {
      setField(field: Field): Promise<void>;
      setGroup(group: Criteria[]): void;
      setGroupOperator(operator: string): void;
      getGroup(): Criteria[];
      getField(): Field;
    }
    class Info {
      getPage(): number;
      getPerPage(): number;
      getCount(): number;
      getMoreRecords(): boolean;
    }
    class BodyWrapper {
      setWatch(watch: Notification[]): void;
    }
    class ResponseWrapper {
      getWatch(): Notification[];
      getInfo(): Info;
    }
    class ActionWrapper {
      getWatch(): (SuccessResponse | APIException)[];
    }
    class NotificationsOperations {
      getNotifications(parameters?: ParameterMap): Promise<APIResponse>;
      enableNotifications(body: BodyWrapper): Promise<APIResponse>;
      updateNotifications(body: BodyWrapper): Promise<APIResponse>;
      updateNotification(body: BodyWrapper): Promise<APIResponse>;
      disableNotification(body: BodyWrapper): Promise<APIResponse>;
      deleteNotification(parameters: ParameterMap): Promise<APIResponse>;
    }
    const GetNotificationsParam: {
      readonly PAGE: Param;
      readonly PER_PAGE: Param;
      readonly CHANNEL_ID: Param;
      readonly MODULE: Param;
    };
    const DeleteNotificationParam: { readonly CHANNEL_IDS: Param };
  }

  export namespace Record {
    class APIException implements StatusModel {
      getStatus(): Choice<string>;
      getCode(): Choice<string>;
      getMessage(): Choice<string>;
      getDetails(): ReadonlyMap<string, unknown>;
    }
    class SuccessResponse implements StatusModel {
      getStatus(): Choice<string>;
      getCode(): Choice<string>;
      getMessage(): Choice<string>;
      getDetails(): ReadonlyMap<string, unknown>;
    }
    class Record {
      getId(): bigint;
      setId(id: bigint): void;
      addKeyValue(field: string, value: unknown): void;
      getKeyValue(field: string): unknown;
      getCreatedTime(): Date;
      getModifiedTime(): Date;
    }
    class BodyWrapper {
      setData(records: Record[]): void;
      getData(): Record[];
      setDuplicateCheckFields(fields: string[]): void;
    }
    class Info {
      getMoreRecords(): boolean;
      getCount(): number;
      getNextPageToken(): string | null | undefined;
    }
    class ResponseWrapper {
      getData(): Record[];
      getInfo(): Info;
    }
    class ActionWrapper {
      getData(): (SuccessResponse | APIException)[];
    }
    class DeletedRecord {
      getId(): bigint;
      getDisplayName(): string;
      getDeletedTime(): Date;
    }
    class DeletedRecordsWrapper {
      getData(): DeletedRecord[];
    }
    class RecordOperations {
      constructor(moduleName: string);
      getRecord(id: bigint, parameters?: ParameterMap, headers?: HeaderMap): Promise<APIResponse>;
      getRecords(parameters?: ParameterMap, headers?: HeaderMap): Promise<APIResponse>;
      createRecords(body: BodyWrapper, headers?: HeaderMap): Promise<APIResponse>;
      updateRecord(id: bigint, body: BodyWrapper, headers?: HeaderMap): Promise<APIResponse>;
      updateRecords(body: BodyWrapper, headers?: HeaderMap): Promise<APIResponse>;
      upsertRecords(body: BodyWrapper, headers?: HeaderMap): Promise<APIResponse>;
      deleteRecord(id: bigint, parameters?: ParameterMap, headers?: HeaderMap): Promise<APIResponse>;
      deleteRecords(parameters: ParameterMap, headers?: HeaderMap): Promise<APIResponse>;
      getDeletedRecords(parameters?: ParameterMap, headers?: HeaderMap): Promise<APIResponse>;
    }
    const GetRecordsParam: {
      readonly FIELDS: Param;
      readonly PAGE: Param;
      readonly PER_PAGE: Param;
      readonly SORT_BY: Param;
      readonly SORT_ORDER: Param;
      readonly PAGE_TOKEN: Param;
    };
    const GetRecordsHeader: { readonly IF_MODIFIED_SINCE: Header };
    const GetDeletedRecordsParam: { readonly TYPE: Param };
    const DeleteRecordsParam: { readonly IDS: Param };
  }

  export namespace Modules {
    class Modules {
      getAPIName(): string;
      getAPISupported(): boolean;
      getId(): bigint;
    }
    class ResponseWrapper {
      getModules(): Modules[];
    }
    class ModulesOperations {
      getModules(): Promise<APIResponse>;
      getModuleByAPIName(name: string): Promise<APIResponse>;
    }
  }

  export namespace Fields {
    class PickListValue {
      getDisplayValue(): string;
    }
    class Fields {
      getAPIName(): string;
      getDataType(): string;
      getPickListValues(): PickListValue[];
    }
    class ResponseWrapper {
      getFields(): Fields[];
    }
    class FieldsOperations {
      getFields(parameters: ParameterMap): Promise<APIResponse>;
    }
    const GetFieldsParam: { readonly MODULE: Param };
  }

  export namespace Org {
    class Org {
      getCompanyName(): string;
      getTimeZone(): unknown;
    }
    class ResponseWrapper {
      getOrg(): Org[];
    }
    class OrgOperations {
      getOrganization(): Promise<APIResponse>;
    }
  }

  export namespace Users {
    class Users {
      getEmail(): string;
      getId(): bigint;
    }
    class ResponseWrapper {
      getUsers(): Users[];
    }
    class UsersOperations {
      getUsers(parameters?: ParameterMap): Promise<APIResponse>;
    }
    const GetUsersParam: { readonly TYPE: Param };
  }
}

/** The SDK for v7 has the same shape wherever the tests use it. */
declare module "@zohocrm/nodejs-sdk-7.0" {
  export * from "@zohocrm/nodejs-sdk-8.0";
}
