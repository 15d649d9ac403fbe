using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>Writes the bytes of files into answers.</summary>
internal static class FileSending
{
    private const int PieceBytes = 64 << 10;
    private const int BoundaryBytes = 15;

    /// <summary>Sends the parts of an open file that a reply promises.</summary>
    /// <param name="context">The request.</param>
    /// <param name="file">The file.</param>
    /// <param name="length">How long it was when the reply was decided on.</param>
    /// <param name="reply">The reply.</param>
    public static async ValueTask SendAsync(HttpContext context, SafeFileHandle file, long length, FileReply reply)
    {
        switch (reply)
        {
            case { Ranges: [_, _, ..] }:
                await SendPartsAsync(context, file, length, reply.Ranges, reply.HasBody).ConfigureAwait(false);
                break;
            case { HasBody: false }:
                break;
            case { Ranges: [var only] }:
                await SendPartAsync(context, file, only).ConfigureAwait(false);
                break;
            default:
                await SendPartAsync(context, file, new(0, length)).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Sends the file compressed on the way; its length is known at its end only.</summary>
    public static async ValueTask SendPackedAsync(HttpContext context, SafeFileHandle file, long length, ContentCoding coding)
    {
        var cancellation = context.RequestAborted;
        var packer = SmallFile.Compressor(context.Response.Body, coding);
        await using var closing = packer.ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (long sent = 0; sent < length;)
            {
                var read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(PieceBytes, length - sent)), sent, cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    context.Abort();
                    return;
                }

                await packer.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                sent += read;
            }
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask SendPartsAsync(HttpContext context, SafeFileHandle file, long length, ByteRange[] ranges, bool hasBody)
    {
        var boundary = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(BoundaryBytes));
        var response = context.Response;
        byte[][] heads =
        [
            .. ranges.Select(range => Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"\r\n--{boundary}\r\nContent-Type: {response.ContentType}\r\nContent-Range: bytes {range.First}-{range.Last}/{length}\r\n\r\n"))),
        ];
        var end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        response.ContentType = $"multipart/byteranges; boundary={boundary}";
        response.ContentLength = heads.Sum(head => head.LongLength) + ranges.Sum(range => range.Length) + end.Length;
        for (var i = 0; hasBody && i < ranges.Length; i++)
        {
            await response.BodyWriter.WriteAsync(heads[i], context.RequestAborted).ConfigureAwait(false);
            if (!await SendPartAsync(context, file, ranges[i]).ConfigureAwait(false))
            {
                return;
            }
        }

        if (hasBody)
        {
            await response.BodyWriter.WriteAsync(end, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Reads into the buffers of the connection, and waits where the visitor is slower than the disk.</summary>
    /// <returns>Whether all was sent.</returns>
    private static async ValueTask<bool> SendPartAsync(HttpContext context, SafeFileHandle file, ByteRange part)
    {
        var writer = context.Response.BodyWriter;
        var cancellation = context.RequestAborted;
        for (long sent = 0; sent < part.Length;)
        {
            var piece = (int)Math.Min(PieceBytes, part.Length - sent);
            var read = await RandomAccess.ReadAsync(file, writer.GetMemory(piece)[..piece], part.First + sent, cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                // The file has become shorter: what was promised can't be kept, and a broken connection is the only way to say so.
                context.Abort();
                return false;
            }

            writer.Advance(read);
            sent += read;
            var flush = await writer.FlushAsync(cancellation).ConfigureAwait(false);
            if (flush.IsCompleted || flush.IsCanceled)
            {
                return false;
            }
        }

        return true;
    }
}
