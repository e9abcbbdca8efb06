namespace Interp.Extending;

/// <summary>The listeners of one run, by site and layer.</summary>
internal sealed class ListenerTable(int layers)
{
    /// <summary>Row per site, place 0 for sites without layer, place l + 1 for layer l.</summary>
    public Listener?[]?[] Rows { get; private set; } = new Listener?[]?[Site.Count];

    /// <summary>The listener at a hook point.</summary>
    public Listener? this[HookName name]
    {
        get => name.Site.Id < Rows.Length ? Rows[name.Site.Id]?[name.Layer + 1] : null;
        set
        {
            if (name.Site.Id >= Rows.Length)
            {
                var rows = Rows;
                Array.Resize(ref rows, Site.Count);
                Rows = rows;
            }
            (Rows[name.Site.Id] ??= new Listener?[layers + 1])[name.Layer + 1] = value;
        }
    }
}
