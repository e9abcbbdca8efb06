namespace Interp;

/// <summary>Reads a post-processor: which special tokens stand before and after one text.</summary>
internal static class TemplateReader
{
    private const string Known = "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, Sequence";

    public static (List<int> Before, List<int> After) Read(JsonPart part, Func<string, int?> id)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "TemplateProcessing" => Template(part),
            "BertProcessing" or "RobertaProcessing" => ([PairId(part.Get("cls"), id)], [PairId(part.Get("sep"), id)]),
            "ByteLevel" => ([], []),
            "Sequence" => Sequence(part, id),
            _ => throw part.Unknown("post-processor", type, Known),
        };
    }

    private static (List<int> Before, List<int> After) Sequence(JsonPart part, Func<string, int?> id)
    {
        List<int> before = [], after = [];
        foreach (var each in part.Get("processors").Items())
        {
            var (first, last) = Read(each, id);
            (before, after) = ([.. first, .. before], [.. after, .. last]);
        }
        return (before, after);
    }

    private static (List<int> Before, List<int> After) Template(JsonPart part)
    {
        List<int> before = [], after = [];
        var seenText = false;
        foreach (var each in part.Get("single").Items())
        {
            if (each.Find("Sequence") is not null)
                seenText = true;
            else
                (seenText ? after : before).AddRange(Ids(part, each.Get("SpecialToken").Get("id").Text()));
        }
        return (before, after);
    }

    private static IEnumerable<int> Ids(JsonPart part, string name) =>
        part.Get("special_tokens").Get(name).Get("ids").Items().Select(item => item.Int());

    private static int PairId(JsonPart pair, Func<string, int?> id)
    {
        var items = pair.Items().ToArray();
        if (items.Length != 2)
            throw pair.Error($"[token, id] was expected, found {items.Length} items");
        return id(items[0].Text()) ?? items[1].Int();
    }
}
