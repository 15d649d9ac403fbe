using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>Is what all nodes of a ring must have in common: b and l. It travels as the array [b, l].</summary>
internal readonly record struct RingParameters(int BitsPerDigit, int LeafSetSize)
{
    private const int Fields = 2;

    public static RingParameters Of(PastryOptions options) => new(options.BitsPerDigit, options.LeafSetSize);

    public static RingParameters Read(ref MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= Fields, "The parameters of a ring are two.");
        var parameters = new RingParameters(reader.ReadInt32(), reader.ReadInt32());
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        return parameters;
    }

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(BitsPerDigit);
        writer.Write(LeafSetSize);
    }

    /// <summary>Says to a user how these, the ring's, differ from a node's own.</summary>
    public string DifferFrom(RingParameters own)
    {
        var differences = new List<string>(Fields);
        if (BitsPerDigit != own.BitsPerDigit)
        {
            differences.Add(Difference(nameof(PastryOptions.BitsPerDigit), BitsPerDigit, own.BitsPerDigit));
        }

        if (LeafSetSize != own.LeafSetSize)
        {
            differences.Add(Difference(nameof(PastryOptions.LeafSetSize), LeafSetSize, own.LeafSetSize));
        }

        return string.Join(' ', differences);
    }

    private static string Difference(string option, int ring, int own) => FormattableString.Invariant($"This ring uses {option} {ring}; this node is set to {own}.");
}
