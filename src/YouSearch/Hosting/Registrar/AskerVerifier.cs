using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Hosting;

/// <summary>Finds out on whose behalf something was said.</summary>
/// <param name="proof">What came with it.</param>
/// <param name="message">What was said.</param>
/// <returns>Who it was; null if the proof proves nothing.</returns>
internal delegate Asker? AskerVerifier(string proof, ReadOnlyMemory<byte> message);
