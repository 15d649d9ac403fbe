using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace P2P.Pastry;

/// <summary>
/// Tells the applications of one overlay apart: every message carries the id of the application that it is for.
/// </summary>
/// <param name="Value">The id on the wire; zero is the overlay itself.</param>
public readonly record struct PastryApplicationId(uint Value)
{
    /// <summary>Derives the id from a name that all nodes of the application agree on.</summary>
    /// <param name="name">Any non-empty text, such as "example.org/chat".</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static PastryApplicationId FromName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        var value = BinaryPrimitives.ReadUInt32LittleEndian(hash);
        return new PastryApplicationId(value == 0 ? 1 : value);
    }

    /// <summary>Shows the id as eight hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x8", CultureInfo.InvariantCulture);
}
