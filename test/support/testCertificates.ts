/** A certificate that signs itself, for 127.0.0.1 and localhost, with its key. Good for nothing but tests. */
export interface TestCertificate {
  readonly commonName: string;
  readonly cert: string;
  readonly key: string;
}

export const testCertificate: TestCertificate = {
  commonName: "localhost",
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIURbGFQDsyFOrtrh/fW1sqNn2ugkkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDAyMTczNVoYDzIxMjYxMDMx
MDIxNzM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATfyofxG6cx5qBgWak8Y28xbfdnsCotPjJ6zu1602LCgRpJNGJ91+Ld
Gqxij5CxmL77Qjcu6EcZXwkv20sSXO4Uo28wbTAdBgNVHQ4EFgQUvZd7JziqnHW+
mlf9UqfU3wVoelYwHwYDVR0jBBgwFoAUvZd7JziqnHW+mlf9UqfU3wVoelYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAMCBvVUOYgC1VLzm6UNCB1W8rvhQ1geqa0O+eH1kArLwAiEA
kWkFwqGHWVszWqZ/RMdNKdIs7PJcAncp9woGxDO4d8U=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1d7y28YOWjSsoOAw
Skxo2igyf3H8mzkz26xcojNqYaKhRANCAATfyofxG6cx5qBgWak8Y28xbfdnsCot
PjJ6zu1602LCgRpJNGJ91+LdGqxij5CxmL77Qjcu6EcZXwkv20sSXO4U
-----END PRIVATE KEY-----
`,
};

/** Another one, as after a renewal. */
export const renewedCertificate: TestCertificate = {
  commonName: "renewed.localhost",
  cert: `-----BEGIN CERTIFICATE-----
MIIBqzCCAVGgAwIBAgIUUVl2VP769JZW/4rK5dVpdEKvKegwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRcmVuZXdlZC5sb2NhbGhvc3QwIBcNMjYxMTI0MDIxNzM1WhgP
MjEyNjEwMzEwMjE3MzVaMBwxGjAYBgNVBAMMEXJlbmV3ZWQubG9jYWxob3N0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEx8AX2PimJnznef/Y2TMIri6C4eFYW2dK
HzuZMVT0fcIyfPHNl7oJJNEt3RxWll92vMaHuwRtYMF1Jj0BRqCwVqNvMG0wHQYD
VR0OBBYEFBAMWCgMIv1hJ8xpSiWVMTQHBv/gMB8GA1UdIwQYMBaAFBAMWCgMIv1h
J8xpSiWVMTQHBv/gMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxo
b3N0hwR/AAABMAoGCCqGSM49BAMCA0gAMEUCIDsLoX1k6eBeBcOfhde78SFNJRrY
bnFmeWrRPVc0rZJHAiEAvZFAUzJsaeVZ7/qV5wHdhAJsTiF8dd5EZF56jXcuxvQ=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWqzBdjqtlN4UtLCh
unyLuTMW5PdGfpiDsD35wDoHNt2hRANCAATHwBfY+KYmfOd5/9jZMwiuLoLh4Vhb
Z0ofO5kxVPR9wjJ88c2Xugkk0S3dHFaWX3a8xoe7BG1gwXUmPQFGoLBW
-----END PRIVATE KEY-----
`,
};
