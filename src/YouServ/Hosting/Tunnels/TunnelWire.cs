using System.IO.Pipelines;

namespace P2P.YouServ.Hosting;

/// <summary>Is what a tunnel's bytes go over: one connection, both ways.</summary>
internal sealed record TunnelWire(PipeReader Input, PipeWriter Output) : IDuplexPipe
{
    /// <summary>A call to the system, and a record of TLS, is to carry much: each costs as much as copying some kilobytes.</summary>
    private const int PieceBytes = 256 * 1024;

    public static TunnelWire Over(Stream stream) =>
        new(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: PieceBytes)), PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: PieceBytes)));
}
