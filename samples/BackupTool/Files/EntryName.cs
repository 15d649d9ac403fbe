using System.Buffers;
using System.Text;

namespace BackupTool.Files;

/// <summary>Decides which names that come from a backup may be names of files here: those that stay in their folder, and that the disk keeps as they are.</summary>
internal static class EntryName
{
    private const int BytesMax = 255;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SearchValues<char> WindowsForbidden = SearchValues.Create("<>:\"/\\|?*");
    private static readonly string[] WindowsDevices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <summary>Says what is wrong with a name; null where nothing is.</summary>
    public static string? Fault(string name) =>
        name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0') ? "its name would lead out of its folder"
        : !IsShortUnicode(name) ? "its name is no valid Unicode, or too long"
        : OperatingSystem.IsWindows() && !IsWindowsName(name) ? "Windows can't keep a file of that name"
        : null;

    /// <summary>Tells whether Windows takes the name for a file's: no device, no stream of another file, nothing that it cuts off.</summary>
    public static bool IsWindowsName(string name)
    {
        var stem = name.Split('.')[0].TrimEnd();
        var isNumbered = stem.Length == 4 && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase));
        return !name.AsSpan().ContainsAny(WindowsForbidden)
            && !name.Any(char.IsControl)
            && name[^1] is not ('.' or ' ')
            && !isNumbered
            && !WindowsDevices.Contains(stem, StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsShortUnicode(string name)
    {
        try
        {
            return StrictUtf8.GetByteCount(name) <= BytesMax;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
