namespace Interp;

using System.Text.Json;

/// <summary>A part of a JSON file that knows where it stands, so that errors say so.</summary>
internal readonly record struct JsonPart(JsonElement Element, string Path)
{
    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    public static JsonDocument Parse(string path) => Parse(File.ReadAllBytes(path), path);

    /// <exception cref="InvalidDataException">The content is not JSON.</exception>
    public static JsonDocument Parse(byte[] content, string path)
    {
        try
        {
            return JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is not JSON: {error.Message} It may be cut short, or a Git LFS pointer instead of the file.", error);
        }
    }

    public JsonPart? Find(string name)
    {
        Expect(JsonValueKind.Object);
        return Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? new JsonPart(value, $"{Path}.{name}") : null;
    }

    public JsonPart Get(string name) => Find(name) ?? throw Error($"'{name}' is missing");

    public string? FindText(string name) => Find(name)?.Text();

    public bool Flag(string name, bool otherwise = false) => Find(name) is not { } part ? otherwise : part.Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw part.Error("true or false was expected"),
    };

    public string Text()
    {
        Expect(JsonValueKind.String);
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"{Path}: {error.Message}", error);
        }
    }

    public byte[] Base64()
    {
        Expect(JsonValueKind.String);
        return Element.TryGetBytesFromBase64(out var bytes) ? bytes : throw Error("the text is not base64");
    }

    public int Int()
    {
        Expect(JsonValueKind.Number);
        return Element.TryGetInt32(out var value) ? value : throw Error($"{Element.GetRawText()} is not a whole number of 32 bits");
    }

    public double Number()
    {
        Expect(JsonValueKind.Number);
        return Element.TryGetDouble(out var value) ? value : throw Error($"{Element.GetRawText()} is not a number");
    }

    public IEnumerable<JsonPart> Items()
    {
        Expect(JsonValueKind.Array);
        var (element, path) = (Element, Path);
        return element.EnumerateArray().Select((item, index) => new JsonPart(item, $"{path}[{index}]"));
    }

    /// <summary>The members of an object. Their paths are the object's: a vocabulary has too many to spell each out.</summary>
    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        Expect(JsonValueKind.Object);
        foreach (var member in Element.EnumerateObject())
            yield return (NameOf(member), new JsonPart(member.Value, Path));
    }

    public InvalidDataException Error(string fact) => new($"{Path}: {fact}.");

    public InvalidDataException Unknown(string what, string type, string known) =>
        new($"{Path}: {what} '{type}' is not one that is read here. Known: {known}.");

    private string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"{Path}: a name in it is no valid text: {error.Message}", error);
        }
    }

    private void Expect(JsonValueKind kind)
    {
        if (Element.ValueKind != kind)
            throw Error($"a JSON {kind.ToString().ToLowerInvariant()} was expected, found {Element.ValueKind.ToString().ToLowerInvariant()}");
    }
}
