using Microsoft.AspNetCore.StaticFiles;

namespace P2P.YouServ.Http.Files;

/// <summary>Knows what a file is by its name.</summary>
internal static class ContentTypes
{
    private const string Unknown = "application/octet-stream";
    private const string Utf8 = "; charset=utf-8";

    private static readonly FileExtensionContentTypeProvider Provider = Known();

    private static readonly string[] Compressible =
    [
        "application/javascript", "application/json", "application/xml", "application/wasm", "application/rtf", "application/x-sh", "font/ttf", "font/otf",
        "image/bmp", "image/x-icon", "image/vnd.microsoft.icon", "application/vnd.ms-fontobject",
    ];

    /// <summary>The type of a file, with its character set where the type is text.</summary>
    public static string Of(string name)
    {
        var type = Provider.TryGetContentType(name, out var known) ? known : Unknown;
        return IsText(type) ? type + Utf8 : type;
    }

    /// <summary>Tells whether files of a type become shorter when they are compressed.</summary>
    public static bool IsCompressible(string type)
    {
        var semicolon = type.IndexOf(';', StringComparison.Ordinal);
        var bare = semicolon < 0 ? type : type[..semicolon];
        return IsText(bare)
            || bare.EndsWith("+xml", StringComparison.Ordinal)
            || bare.EndsWith("+json", StringComparison.Ordinal)
            || Compressible.Contains(bare, StringComparer.Ordinal);
    }

    private static bool IsText(string type) => type.StartsWith("text/", StringComparison.Ordinal) || type == "application/javascript";

    private static FileExtensionContentTypeProvider Known()
    {
        var provider = new FileExtensionContentTypeProvider();
        foreach (var (extension, type) in ((string, string)[])
                 [
                     (".md", "text/markdown"), (".mjs", "text/javascript"), (".js", "text/javascript"), (".log", "text/plain"), (".avif", "image/avif"),
                     (".heic", "image/heic"), (".jxl", "image/jxl"), (".flac", "audio/flac"), (".opus", "audio/ogg"), (".yaml", "text/yaml"), (".yml", "text/yaml"),
                     (".toml", "text/plain"), (".cs", "text/plain"), (".py", "text/plain"), (".rs", "text/plain"), (".go", "text/plain"), (".7z", "application/x-7z-compressed"),
                 ])
        {
            provider.Mappings[extension] = type;
        }

        return provider;
    }
}
