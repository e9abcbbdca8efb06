namespace Interp;

using System.Text.Json;

/// <summary>What tokenizer_config.json and special_tokens_map.json, beside the tokenizer, say about special tokens.</summary>
internal sealed record TokenizerConfig
{
    public string? Bos { get; init; }

    public string? Eos { get; init; }

    public string? Pad { get; init; }

    public string? Unknown { get; init; }

    /// <summary>Tokens that are added to those of the tokenizer's own file.</summary>
    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    /// <summary>Whether the file speaks of the token at all, be it to say null: then nothing is guessed.</summary>
    public bool NamesBos { get; init; }

    public bool NamesEos { get; init; }

    public bool NamesPad { get; init; }

    public bool? AddsBos { get; init; }

    public bool? AddsEos { get; init; }

    public bool? AddsPrefixSpace { get; init; }

    public bool? Lowercases { get; init; }

    public bool? StripsAccents { get; init; }

    public bool? SpacesChinese { get; init; }

    /// <summary>Reads what is there of the two files; with neither, nothing is known.</summary>
    public static TokenizerConfig Beside(string folder)
    {
        var config = Path.Combine(folder, "tokenizer_config.json");
        var map = Path.Combine(folder, "special_tokens_map.json");
        return File.Exists(config) ? Read(config) : File.Exists(map) ? Read(map) : new TokenizerConfig();
    }

    private static TokenizerConfig Read(string path)
    {
        using var document = JsonPart.Parse(path);
        var root = new JsonPart(document.RootElement, path);
        bool Names(string name) => root.Element.TryGetProperty(name, out _);
        return new TokenizerConfig
        {
            Bos = Content(root, "bos_token"),
            Eos = Content(root, "eos_token"),
            Pad = Content(root, "pad_token"),
            Unknown = Content(root, "unk_token"),
            Added = AddedTokenReader.ReadById(root.Find("added_tokens_decoder")),
            NamesBos = Names("bos_token"),
            NamesEos = Names("eos_token"),
            NamesPad = Names("pad_token"),
            AddsBos = Switch(root, "add_bos_token"),
            AddsEos = Switch(root, "add_eos_token"),
            Lowercases = Switch(root, "do_lower_case"),
            StripsAccents = Switch(root, "strip_accents"),
            SpacesChinese = Switch(root, "tokenize_chinese_chars"),
            AddsPrefixSpace = Switch(root, "add_prefix_space"),
        };
    }

    private static bool? Switch(JsonPart root, string name) => root.Find(name) is null ? null : root.Flag(name);

    private static string? Content(JsonPart root, string name) => root.Find(name) switch
    {
        null => null,
        { Element.ValueKind: JsonValueKind.Object } token => token.Get("content").Text(),
        { } token => token.Text(),
    };
}
