/**
 * What the tools print, in the form that their documentation and the reports of their users show it. None of them was
 * run for this: they need accounts, or the internet.
 */
export const toolOutputs = {
  cloudflared: `2026-07-27T03:06:25Z INF Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick way to experiment and try it out. However, be aware that these account-less Tunnels have no uptime guarantee, are subject to the Cloudflare Online Services Terms of Use (https://www.cloudflare.com/website-terms/), and Cloudflare reserves the right to investigate your use of Tunnels for violations of such terms.
2026-07-27T03:06:25Z INF Requesting new quick Tunnel on trycloudflare.com...
2026-07-27T03:06:28Z INF +--------------------------------------------------------------------------------------------+
2026-07-27T03:06:28Z INF |  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |
2026-07-27T03:06:28Z INF |  https://quiet-meadow-lantern-example.trycloudflare.com                                    |
2026-07-27T03:06:28Z INF +--------------------------------------------------------------------------------------------+
2026-07-27T03:06:28Z INF Version 2026.7.0 (Checksum 0000)
2026-07-27T03:06:28Z INF GOOS: linux, GOVersion: go1.26, GoArch: amd64
2026-07-27T03:06:28Z INF Settings: map[config:/tmp/cloudflared.yml ha-connections:1 no-autoupdate:true protocol:quic url:http://127.0.0.1:4321]
2026-07-27T03:06:28Z INF Initial protocol quic
2026-07-27T03:06:29Z INF Registered tunnel connection connIndex=0 connection=00000000-0000-4000-8000-000000000000 event=0 ip=198.51.100.7 location=fra06 protocol=quic`,
  cloudflaredLimit: `2026-07-27T03:06:25Z INF Requesting new quick Tunnel on trycloudflare.com...
2026-07-27T03:06:26Z ERR Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character 'e' looking for beginning of value" status_code="429 Too Many Requests"
failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value`,
  cloudflaredOffline: `2026-07-27T03:06:25Z INF Requesting new quick Tunnel on trycloudflare.com...
failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com: no such host`,
  ngrok: `{"lvl":"info","msg":"no configuration paths supplied","t":"2026-07-27T03:06:25.000000000Z"}
{"lvl":"info","msg":"using configuration at default config path","path":"/home/dev/.config/ngrok/ngrok.yml","t":"2026-07-27T03:06:25.000000000Z"}
{"err":"<nil>","lvl":"info","msg":"open config file","path":"/home/dev/.config/ngrok/ngrok.yml","t":"2026-07-27T03:06:25.000000000Z"}
{"addr":"127.0.0.1:4040","allow_hosts":[],"lvl":"info","msg":"starting web service","obj":"web","t":"2026-07-27T03:06:25.000000000Z"}
{"lvl":"info","msg":"client session established","obj":"tunnels.session","t":"2026-07-27T03:06:26.000000000Z"}
{"addr":"http://127.0.0.1:4321","lvl":"info","msg":"started tunnel","name":"command_line","obj":"tunnels","t":"2026-07-27T03:06:26.000000000Z","url":"https://lark-example.ngrok-free.dev"}`,
  ngrokSignedOut: `{"lvl":"info","msg":"no configuration paths supplied","t":"2026-07-27T03:06:25.000000000Z"}
{"err":"authentication failed: Usage of ngrok requires a verified account and authtoken.\\n\\nSign up for an account: https://dashboard.ngrok.com/signup\\nInstall your authtoken: https://dashboard.ngrok.com/get-started/your-authtoken\\n\\nERR_NGROK_4018\\r\\n","lvl":"eror","msg":"failed to reconnect session","obj":"tunnels.session","t":"2026-07-27T03:06:26.000000000Z"}
ERROR:  authentication failed: Usage of ngrok requires a verified account and authtoken.
ERROR:
ERROR:  Sign up for an account: https://dashboard.ngrok.com/signup
ERROR:  Install your authtoken: https://dashboard.ngrok.com/get-started/your-authtoken
ERROR:
ERROR:  ERR_NGROK_4018
ERROR:`,
  ngrokLimit: `{"err":"authentication failed: Your account is limited to 1 simultaneous ngrok agent sessions.\\n\\nERR_NGROK_108\\r\\n","lvl":"eror","msg":"failed to reconnect session","obj":"tunnels.session","t":"2026-07-27T03:06:26.000000000Z"}`,
  ngrokInUse: `ERROR:  failed to start tunnel: The endpoint 'https://lark-example.ngrok-free.dev' is already online. Either
ERROR:  1. stop your existing endpoint first, or
ERROR:  2. start both endpoints with \`--pooling-enabled\` to load balance between them.
ERROR:
ERROR:  ERR_NGROK_334`,
  ngrokOutdated: `ERROR:  authentication failed: Your ngrok-agent version "3.1.0" is too old.
ERROR:
ERROR:  ERR_NGROK_121`,
  ngrokOther: `ERROR:  ERR_NGROK_9999`,
  devtunnel: `Hosting port: 4321
Connect via browser: https://x1abcdef.euw.devtunnels.ms:4321, https://x1abcdef-4321.euw.devtunnels.ms
Inspect network activity: https://x1abcdef-4321-inspect.euw.devtunnels.ms

Ready to accept connections for tunnel: x1abcdef.euw`,
  devtunnelOneAddress: `Hosting port: 4321
Connect via browser: https://x1abcdef-4321.usw3.devtunnels.ms
Inspect network activity: https://x1abcdef-4321-inspect.usw3.devtunnels.ms

Ready to accept connections for tunnel: x1abcdef`,
  devtunnelSignedOut: `Tunnel service error: Request not permitted. Unauthorized tunnel creation access: Anonymous does not have 'create' access scope for The default tunnel domain.
Request ID: 00000000-0000-4000-8000-000000000000`,
  devtunnelExpired: `Tunnel service response status code: Unauthorized
Request ID: 00000000-0000-4000-8000-000000000000`,
  devtunnelLimit: `Tunnel service error: Too many tunnels. The limit of 10 active tunnels for the user was reached.
Request ID: 00000000-0000-4000-8000-000000000000`,
  tailscale: `Available on the internet:

https://laptop.tail0a1b2c.ts.net/
|-- proxy http://127.0.0.1:4321

Press Ctrl+C to exit.`,
  tailscaleNotEnabled: `Funnel is not enabled on your tailnet.
To enable, visit:

         https://login.tailscale.com/f/funnel?node=nEXAMPLE`,
  tailscaleNotAllowed: `sending serve config: Access denied: serve config denied

Use 'sudo tailscale funnel'.
To not require root, use 'sudo tailscale set --operator=$USER' once.`,
  tailscaleInUse: `sending serve config: updating config: foreground listener already exists for port 443`,
  tailscaleInUseBackground: `error: background configuration already exists, use \`tailscale funnel --https=443 off\` to remove the existing configuration`,
  tailscaleSignedOut: `Logged out.`,
  tailscaleNotRunning: `failed to connect to local tailscaled; it doesn't appear to be running (sudo systemctl start tailscaled ?)`,
} as const;
