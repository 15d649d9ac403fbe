using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>
/// Is a signed claim of any kind: what is claimed, and a signature that is good for this purpose only. Delegations, certificates and
/// credentials of the whole family have this one form.
/// </summary>
/// <remarks>
/// What is signed is the purpose, a zero byte and the body, so that a signature made for one purpose is never valid for another.
/// </remarks>
/// <param name="Signer">The key that signed.</param>
/// <param name="Body">What is claimed, in the format that the purpose defines.</param>
/// <param name="Signature">The signature, <see cref="SigningKey.SignatureLength"/> bytes.</param>
public sealed record SignedStatement(PublicKey Signer, ImmutableArray<byte> Body, ImmutableArray<byte> Signature)
{
    /// <summary>The longest body that is read from others, in bytes.</summary>
    public const int MaxBodyLength = 64 * 1024;

    /// <summary>Signs a body for a purpose.</summary>
    /// <param name="key">The signer's key.</param>
    /// <param name="purpose">What the statement is for, such as "p2p.pastry.delegation.1": ASCII, fixed by the kind of statement.</param>
    /// <param name="body">What is claimed.</param>
    public static SignedStatement Sign(SigningKey key, string purpose, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new SignedStatement(key.PublicKey, [.. body], [.. key.Sign(ToBeSigned(purpose, body))]);
    }

    /// <summary>Signs a body for a purpose, with a key that may be elsewhere.</summary>
    /// <param name="signer">Who signs.</param>
    /// <param name="purpose">What the statement is for, such as "p2p.pastry.delegation.1": ASCII, fixed by the kind of statement.</param>
    /// <param name="body">What is claimed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PastryException">What the signer gave is no signature by its key.</exception>
    public static async ValueTask<SignedStatement> SignAsync(ISigner signer, string purpose, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(signer);
        if (signer is SigningKey key)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Sign(key, purpose, body.Span);
        }

        var signature = (await signer.SignAsync(ToBeSigned(purpose, body.Span), cancellationToken).ConfigureAwait(false)).ToArray();
        if (signature.Length == SigningKey.SignatureLength)
        {
            SigningKey.Lower(signature);
        }

        // A signer of others may be set up for another key or form; here its user still learns what is wrong.
        var statement = new SignedStatement(signer.PublicKey, [.. body.Span], [.. signature]);
        return statement.Verify(purpose)
            ? statement
            : throw new PastryException(
                $"The signer's answer of {signature.Length} bytes is no signature by its key. It must be ECDSA on P-256 with SHA-256 in IEEE P1363 form, {SigningKey.SignatureLength} bytes.");
    }

    /// <summary>Tells whether the statement was signed by <see cref="Signer"/> for this purpose.</summary>
    public bool Verify(string purpose) => Verify(Signer, purpose, Body.AsSpan(), Signature.AsSpan());

    /// <summary>Tells whether a statement whose parts lie somewhere else was signed for this purpose; it allocates nothing.</summary>
    /// <param name="signer">Who claims it.</param>
    /// <param name="purpose">What the statement is for.</param>
    /// <param name="body">What is claimed.</param>
    /// <param name="signature">The signature.</param>
    public static bool Verify(PublicKey signer, string purpose, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(purpose);
        var length = LengthToBeSigned(purpose, body);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            WriteToBeSigned(rented, purpose, body);
            return signer.Verify(rented.AsSpan(0, length), signature);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes the statement as one value of MessagePack: an array of signer, body and signature.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var pack = new MessagePackWriter(writer);
        Write(ref pack);
        pack.Flush();
    }

    /// <summary>Gives the statement as <see cref="WriteTo"/> writes it.</summary>
    public ImmutableArray<byte> Encode()
    {
        var encoded = new ArrayBufferWriter<byte>(Body.Length + 256);
        WriteTo(encoded);
        return [.. encoded.WrittenSpan];
    }

    /// <summary>Reads a statement that <see cref="WriteTo"/> wrote, from bytes that anybody may have sent; nothing is verified.</summary>
    /// <param name="source">What begins with a statement; afterwards, what stands behind it.</param>
    /// <param name="statement">The statement, where there is one.</param>
    /// <returns>False where no statement stands there, or a part of it is too long; the source stays as it is.</returns>
    public static bool TryRead(ref ReadOnlySequence<byte> source, [NotNullWhen(true)] out SignedStatement? statement) =>
        PackReading.TryRead(ref source, Read, out statement);

    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(3);
        writer.Write(Signer.Encoded.AsSpan());
        writer.Write(Body.AsSpan());
        writer.Write(Signature.AsSpan());
    }

    /// <exception cref="MessagePackSerializationException">The bytes are no statement, or a part of it is too long.</exception>
    internal static SignedStatement Read(ref MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        if (fields < 3)
        {
            throw new MessagePackSerializationException($"A signed statement has three fields, not {fields}.");
        }

        if (!PublicKey.TryFromEncoded(ReadBytes(ref reader, PublicKey.EncodedLength, PublicKey.EncodedLength), out var signer))
        {
            throw new MessagePackSerializationException("The signer of a statement is no P-256 key.");
        }

        var body = ReadBytes(ref reader, 0, MaxBodyLength);
        var signature = ReadBytes(ref reader, SigningKey.SignatureLength, SigningKey.SignatureLength);
        for (var extra = 3; extra < fields; extra++)
        {
            reader.Skip();
        }

        return new SignedStatement(signer, [.. body], [.. signature]);
    }

    private static byte[] ReadBytes(ref MessagePackReader reader, int minLength, int maxLength)
    {
        var bytes = reader.ReadBytes() ?? throw new MessagePackSerializationException("A part of a signed statement is missing.");
        return bytes.Length >= minLength && bytes.Length <= maxLength
            ? bytes.ToArray()
            : throw new MessagePackSerializationException($"A part of a signed statement is {bytes.Length} bytes long; {minLength} to {maxLength} are allowed.");
    }

    private static byte[] ToBeSigned(string purpose, ReadOnlySpan<byte> body)
    {
        var bytes = new byte[LengthToBeSigned(purpose, body)];
        WriteToBeSigned(bytes, purpose, body);
        return bytes;
    }

    private static int LengthToBeSigned(string purpose, ReadOnlySpan<byte> body) => Encoding.ASCII.GetByteCount(purpose) + 1 + body.Length;

    private static void WriteToBeSigned(Span<byte> bytes, string purpose, ReadOnlySpan<byte> body)
    {
        var length = Encoding.ASCII.GetBytes(purpose, bytes);
        bytes[length] = 0;
        body.CopyTo(bytes[(length + 1)..]);
    }
}
