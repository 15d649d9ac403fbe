using P2P.Pastry;

namespace NodeSample;

/// <summary>Reads keys and certificates from files, and says of a file that holds none which one it is.</summary>
internal static class KeyFiles
{
    /// <exception cref="FailedException">It can't be read, or holds no private key.</exception>
    public static SigningKey LoadKey(string path) => Load(path, text => SigningKey.FromPem(text));

    /// <exception cref="FailedException">It can't be read, or holds no public key.</exception>
    public static PublicKey LoadPublicKey(string path) => Load(path, text => PublicKey.FromPem(text));

    /// <exception cref="FailedException">It can't be read, or holds no certificate.</exception>
    public static AdmissionCertificate LoadCertificate(string path) => Load(path, text => AdmissionCertificate.FromPem(text));

    private static T Load<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is PastryException or IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"The file '{path}' can't be used: {exception.Message}");
        }
    }
}
