using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace P2P.YouServ.Dns;

/// <summary>
/// Takes and sends many datagrams at a time (recvmmsg, sendmmsg): under load a call of the system costs more than an answer. Answers leave from the address that was asked, also where
/// the socket is bound to all of them.
/// </summary>
internal sealed unsafe partial class LinuxDatagramBatch : DatagramBatch
{
    private const int Size = 32;

    // A sockaddr_in6 has 28 bytes; what says which address was asked, 40 at most.
    private const int AddressBytes = 32;
    private const int ControlBytes = 64;

    private const int SlotBytes = QueryMax + DnsFormat.DatagramMax + AddressBytes + ControlBytes;

    /// <summary>Waits for the first datagram only.</summary>
    private const int WaitForOne = 0x10000;

    private const int DontWait = 0x40;

    private readonly Socket _socket;
    private readonly AddressFamily _family;
    private readonly Message* _received;
    private readonly Message* _answers;
    private readonly Vector* _vectors;
    private readonly byte* _bytes;
    private int _answerCount;

    public LinuxDatagramBatch(Socket socket)
    {
        (_socket, _family) = (socket, socket.AddressFamily);
        _received = (Message*)NativeMemory.AllocZeroed(2 * Size, (nuint)sizeof(Message));
        _answers = _received + Size;
        _vectors = (Vector*)NativeMemory.AllocZeroed(2 * Size, (nuint)sizeof(Vector));
        _bytes = (byte*)NativeMemory.AllocZeroed(Size * SlotBytes);
        if (IsForAnyAddress)
        {
            _socket.SetSocketOption(_family == AddressFamily.InterNetwork ? SocketOptionLevel.IP : SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, true);
        }
    }

    private bool IsForAnyAddress => ((IPEndPoint)_socket.LocalEndPoint!).Address is var address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    /// <summary>Tells whether the system takes calls for no datagram at all. Its structures are those of 64 bits, and a sandbox may know none of the calls.</summary>
    public static bool IsSupportedFor(Socket socket)
    {
        try
        {
            return OperatingSystem.IsLinux()
                && Environment.Is64BitProcess
                && BitConverter.IsLittleEndian
                && ReceiveMany(socket.SafeHandle, null, 0, DontWait, 0) == 0
                && SendMany(socket.SafeHandle, null, 0, DontWait) == 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    public override int Receive()
    {
        for (var index = 0; index < Size; index++)
        {
            var slot = _bytes + (index * SlotBytes);
            _vectors[index] = new Vector { Base = slot, Length = QueryMax };
            _received[index].Header = new Header
            {
                Name = slot + QueryMax + DnsFormat.DatagramMax,
                NameLength = AddressBytes,
                Vectors = _vectors + index,
                VectorCount = 1,
                Control = slot + SlotBytes - ControlBytes,
                ControlLength = ControlBytes,
            };
        }

        _answerCount = 0;
        try
        {
            return Math.Max(0, ReceiveMany(_socket.SafeHandle, _received, Size, WaitForOne, 0));
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public override ReadOnlySpan<byte> Query(int index) => new(_bytes + (index * SlotBytes), (int)_received[index].Length);

    public override ClientNetwork From(int index) => ClientNetwork.Of(_family, new ReadOnlySpan<byte>(_received[index].Header.Name, AddressBytes));

    public override Span<byte> Room(int index) => new(_bytes + (index * SlotBytes) + QueryMax, DnsFormat.DatagramMax);

    public override void SetAnswer(int index, int length)
    {
        if (length > 0)
        {
            // Whom it came from, and which address was asked, is said as it was heard.
            ref var answer = ref _answers[_answerCount];
            var vector = _vectors + Size + _answerCount++;
            *vector = new Vector { Base = _bytes + (index * SlotBytes) + QueryMax, Length = (nuint)length };
            answer.Header = _received[index].Header;
            answer.Header.Vectors = vector;
            answer.Header.Flags = 0;
        }
    }

    public override void Send()
    {
        try
        {
            for (var sent = 0; sent < _answerCount;)
            {
                // One that can't be sent is passed over.
                sent += Math.Max(1, SendMany(_socket.SafeHandle, _answers + sent, (uint)(_answerCount - sent), 0));
            }
        }
        catch (ObjectDisposedException)
        {
            // The server stops.
        }
    }

    public override void Dispose()
    {
        NativeMemory.Free(_received);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_bytes);
    }

    [LibraryImport("libc", EntryPoint = "recvmmsg")]
    private static partial int ReceiveMany(SafeHandle socket, Message* messages, uint count, int flags, nint timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg")]
    private static partial int SendMany(SafeHandle socket, Message* messages, uint count, int flags);

    /// <summary>Is a struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>Is a struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public byte* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>Is a struct mmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public Header Header;
        public uint Length;
    }
}
