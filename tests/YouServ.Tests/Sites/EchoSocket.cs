using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using P2P.YouServ;

namespace YouServ.Tests.Sites;

/// <summary>A plug-in of a site that says back what a WebSocket says.</summary>
internal sealed class EchoSocket : IYouServPlugin
{
    public string PathPrefix => "/echo";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, ServedSite site, Visitor visitor)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            return false;
        }

        // RFC 6455, section 4.2.2.
#pragma warning disable CA5350
        var accept = SHA1.HashData(Encoding.ASCII.GetBytes(context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(accept);
        using var socket = WebSocket.CreateFromStream(await upgrade.UpgradeAsync(), new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var said = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (said.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
                return true;
            }

            await socket.SendAsync(buffer.AsMemory(0, said.Count), said.MessageType, said.EndOfMessage, context.RequestAborted);
        }
    }
}
