import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type * as sdk8 from "@zohocrm/nodejs-sdk-8.0";
import { type Sandbox, createSandbox } from "../../src/sandbox/sandbox.ts";
import { type LeadFields, createLead, deleteLead, recordsBody, updateLead } from "../support/zohoSdkLeads.ts";
import { type SdkSession, openSdkSession } from "../support/zohoSdkSession.ts";
import { zohoSdks } from "../support/zohoSdks.ts";

for (const { name, sdk } of zohoSdks) {
  describe(`${name} and the sandbox's records and metadata`, () => {
    let sandbox: Sandbox;
    let session: SdkSession;
    const leads = new sdk.Record.RecordOperations("Leads");

    before(async () => {
      sandbox = await createSandbox();
      session = await openSdkSession(sandbox.url, undefined, sdk);
    });
    after(async () => {
      session.dispose();
      await sandbox.close();
    });

    it("follows the api_domain of the token answer to the sandbox itself", () => {
      assert.equal(session.token.getAPIDomain(), sandbox.url);
      assert.match(session.token.getRefreshToken() ?? "", /^1000\./);
    });

    it("creates a lead and reads it back, its id of 19 digits exact", async () => {
      const id = await createLead(
        { Last_Name: "Vance", First_Name: "Iris", Company: "Vance Studio", Rating: "Hot" },
        sdk,
      );
      assert.match(id, /^\d{19}$/);
      const lead = await read(id);
      assert.equal(lead.getId(), BigInt(id));
      assert.equal(lead.getKeyValue("Full_Name"), "Iris Vance");
      const rating = lead.getKeyValue("Rating");
      assert.ok(rating instanceof sdk.Choice);
      assert.equal(rating.getValue(), "Hot");
      assert.ok(Math.abs(lead.getCreatedTime().getTime() - sandbox.clock.now()) < 60_000);
    });

    it("updates a lead", async () => {
      const id = await createLead({ Last_Name: "Holt" }, sdk);
      await updateLead(id, { Phone: "555-0199", Lead_Status: "Contacted" }, sdk);
      assert.equal((await read(id)).getKeyValue("Phone"), "555-0199");
    });

    it("deletes a lead, reads 204 for it afterwards, and finds it among the deleted", async () => {
      const id = await createLead({ Last_Name: "Brink" }, sdk);
      await deleteLead(id, sdk);
      const response = await leads.getRecord(BigInt(id));
      assert.equal(response.getStatusCode(), 204);
      assert.equal(response.getObject(), null);
      const parameters = new sdk.ParameterMap();
      await parameters.add(sdk.Record.GetDeletedRecordsParam.TYPE, "all");
      const deleted = (await leads.getDeletedRecords(parameters)).getObject();
      assert.ok(deleted instanceof sdk.Record.DeletedRecordsWrapper);
      assert.ok(deleted.getData().some(record => record.getId() === BigInt(id) && record.getDisplayName() === "Brink"));
    });

    it("lists leads page by page with the fields it names", async () => {
      const parameters = new sdk.ParameterMap();
      await parameters.add(sdk.Record.GetRecordsParam.FIELDS, "Last_Name,Company");
      await parameters.add(sdk.Record.GetRecordsParam.PER_PAGE, 5);
      await parameters.add(sdk.Record.GetRecordsParam.PAGE, 2);
      const answer = (await leads.getRecords(parameters)).getObject();
      assert.ok(answer instanceof sdk.Record.ResponseWrapper);
      assert.equal(answer.getData().length, 5);
      assert.equal(answer.getInfo().getMoreRecords(), true);
    });

    it("reads 304 when nothing was modified since a time", async () => {
      const parameters = new sdk.ParameterMap();
      await parameters.add(sdk.Record.GetRecordsParam.FIELDS, "Last_Name");
      const headers = new sdk.HeaderMap();
      await headers.add(sdk.Record.GetRecordsHeader.IF_MODIFIED_SINCE, new Date(sandbox.clock.now() + 60_000));
      const response = await leads.getRecords(parameters, headers);
      assert.equal(response.getStatusCode(), 304);
      assert.equal(response.getObject(), null);
    });

    it("reads REQUIRED_PARAM_MISSING as an APIException when it names no fields", async () => {
      const response = await leads.getRecords();
      const error = response.getObject();
      assert.equal(response.getStatusCode(), 400);
      assert.ok(error instanceof sdk.Record.APIException);
      assert.equal(error.getCode().getValue(), "REQUIRED_PARAM_MISSING");
      assert.equal(error.getDetails().get("param_name"), "fields");
    });

    it("reads the error of one record as an APIException with the field's name", async () => {
      const record = new sdk.Record.Record();
      record.addKeyValue("Last_Name", "Bad");
      record.addKeyValue("Email", "not an address");
      const body = new sdk.Record.BodyWrapper();
      body.setData([record]);
      const answer = (await leads.createRecords(body)).getObject();
      assert.ok(answer instanceof sdk.Record.ActionWrapper);
      const [error] = answer.getData();
      assert.ok(error instanceof sdk.Record.APIException);
      assert.equal(error.getCode().getValue(), "INVALID_DATA");
      assert.equal(error.getDetails().get("api_name"), "Email");
    });

    it("writes several records at once: creates, updates, and deletes by their ids", async () => {
      const created = await ids(leads.createRecords(several({ Last_Name: "One" }, { Last_Name: "Two" })));
      const changes = several(...created.map(() => ({ City: "Lisbon" })));
      changes.getData().forEach((record, index) => record.setId(BigInt(created[index] ?? "")));
      assert.deepEqual(await ids(leads.updateRecords(changes)), created);
      assert.equal((await read(created[1] ?? "")).getKeyValue("City"), "Lisbon");
      const parameters = new sdk.ParameterMap();
      await parameters.add(sdk.Record.DeleteRecordsParam.IDS, created.join(","));
      assert.deepEqual(await ids(leads.deleteRecords(parameters)), created);
    });

    it("upserts by a field that must not repeat", async () => {
      const body = several({ Last_Name: "Ames", Email: "ames@example.com" });
      body.setDuplicateCheckFields(["Email"]);
      const [first] = await ids(leads.upsertRecords(body));
      const again = several({ Last_Name: "Ames", Email: "ames@example.com", City: "Porto" });
      again.setDuplicateCheckFields(["Email"]);
      assert.deepEqual(await ids(leads.upsertRecords(again)), [first]);
      assert.equal((await read(first ?? "")).getKeyValue("City"), "Porto");
    });

    it("reads the second page of more than 200 records", async () => {
      const vendors = new sdk.Record.RecordOperations("Vendors");
      for (let start = 0; start < 300; start += 100) {
        const names = Array.from({ length: 100 }, (_, index) => ({ Vendor_Name: `Vendor ${start + index}` }));
        await vendors.createRecords(several(...names));
      }
      const parameters = new sdk.ParameterMap();
      await parameters.add(sdk.Record.GetRecordsParam.FIELDS, "Vendor_Name");
      const first = wrapperOf(await vendors.getRecords(parameters));
      assert.deepEqual([first.getData().length, first.getInfo().getMoreRecords()], [200, true]);
      await parameters.add(sdk.Record.GetRecordsParam.PAGE, 2);
      const second = wrapperOf(await vendors.getRecords(parameters));
      assert.ok(second.getData().length >= 100);
      assert.equal(second.getInfo().getMoreRecords(), false);
      const seen = [...first.getData(), ...second.getData()].map(record => record.getId());
      assert.equal(new Set(seen).size, seen.length);
    });

    it("reads modules and fields", async () => {
      const modules = (await new sdk.Modules.ModulesOperations().getModules()).getObject();
      assert.ok(modules instanceof sdk.Modules.ResponseWrapper);
      const names = modules.getModules().map(module => module.getAPIName());
      for (const name of ["Leads", "Accounts", "Contacts", "Deals", "Tasks", "Events", "Calls"])
        assert.ok(names.includes(name));
      const parameters = new sdk.ParameterMap();
      await parameters.add(sdk.Fields.GetFieldsParam.MODULE, "Deals");
      const fields = (await new sdk.Fields.FieldsOperations().getFields(parameters)).getObject();
      assert.ok(fields instanceof sdk.Fields.ResponseWrapper);
      const stage = fields.getFields().find(field => field.getAPIName() === "Stage");
      assert.ok(stage?.getPickListValues().some(value => value.getDisplayValue() === "Site Visit Scheduled"));
    });

    it("reads one module", async () => {
      const answer = (await new sdk.Modules.ModulesOperations().getModuleByAPIName("Leads")).getObject();
      assert.ok(answer instanceof sdk.Modules.ResponseWrapper);
      assert.equal(answer.getModules()[0]?.getId(), 6756839000000002175n);
    });

    it("reads the organisation and the current user", async () => {
      const organization = (await new sdk.Org.OrgOperations().getOrganization()).getObject();
      assert.ok(organization instanceof sdk.Org.ResponseWrapper);
      assert.equal(organization.getOrg()[0]?.getCompanyName(), "Harbourline Homes");
      const parameters = new sdk.ParameterMap();
      await parameters.add(sdk.Users.GetUsersParam.TYPE, "CurrentUser");
      const users = (await new sdk.Users.UsersOperations().getUsers(parameters)).getObject();
      assert.ok(users instanceof sdk.Users.ResponseWrapper);
      assert.deepEqual(
        users.getUsers().map(user => user.getEmail()),
        ["asha.menon@example.com"],
      );
    });

    function several(...records: readonly LeadFields[]): sdk8.Record.BodyWrapper {
      const body = new sdk.Record.BodyWrapper();
      body.setData(records.flatMap(fields => recordsBody(fields, sdk).getData()));
      return body;
    }

    async function ids(writing: Promise<sdk8.APIResponse>): Promise<string[]> {
      const answer = (await writing).getObject();
      assert.ok(answer instanceof sdk.Record.ActionWrapper);
      return answer.getData().map(result => {
        assert.ok(result instanceof sdk.Record.SuccessResponse, result.getCode().getValue());
        return String(result.getDetails().get("id"));
      });
    }

    function wrapperOf(response: sdk8.APIResponse): sdk8.Record.ResponseWrapper {
      const answer = response.getObject();
      assert.ok(answer instanceof sdk.Record.ResponseWrapper);
      return answer;
    }

    async function read(id: string): Promise<sdk8.Record.Record> {
      const answer = (await leads.getRecord(BigInt(id))).getObject();
      assert.ok(answer instanceof sdk.Record.ResponseWrapper);
      const [record] = answer.getData();
      assert.ok(record);
      return record;
    }
  });
}
