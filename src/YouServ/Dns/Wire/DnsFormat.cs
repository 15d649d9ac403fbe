namespace P2P.YouServ.Dns;

/// <summary>Has the numbers of DNS messages (RFC 1035 §4, RFC 6891).</summary>
internal static class DnsFormat
{
    public const int HeaderLength = 12;

    /// <summary>What a datagram may hold for somebody who does not say that it may be more.</summary>
    public const int PlainDatagramMax = 512;

    /// <summary>What passes any network in one piece (RFC 9715).</summary>
    public const int DatagramMax = 1232;

    public const int LabelLengthMax = 63;
    public const int NameLengthMax = DnsName.WireLengthMax;

    /// <summary>A pointer to the name of the question, which always lies right behind the header.</summary>
    public const ushort QuestionPointer = PointerMark | HeaderLength;

    public const ushort PointerMark = 0xC000;

    public const ushort ClassIn = 1;
    public const ushort ClassAny = 255;

    public const ushort TypeSoa = 6;
    public const ushort TypeOpt = 41;
    public const ushort TypeTsig = 250;
    public const ushort TypeIxfr = 251;
    public const ushort TypeAxfr = 252;
    public const ushort TypeAny = 255;

    public const int FlagResponse = 0x8000;
    public const int FlagAuthoritative = 0x0400;
    public const int FlagTruncated = 0x0200;
    public const int FlagRecursionDesired = 0x0100;
    public const int OpcodeMask = 0x7800;
    public const int OpcodeShift = 11;
    public const int OpcodeUpdate = 5;
    public const int ResponseCodeMask = 0x000F;
}
