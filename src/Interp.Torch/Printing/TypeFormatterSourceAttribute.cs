namespace TorchSharp;

/// <summary>Tells .NET Interactive how to show a type. Its formatter finds this attribute by its name, so that no reference is needed.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    public string[] PreferredMimeTypes { get; } = ["text/html"];
}
