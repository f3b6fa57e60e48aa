namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>A small dashboard without a mistake, and what its queries find: for showing that each mistake is found.</summary>
internal static class Sample
{
    /// <summary>Unix ms.</summary>
    public const long Now = 1_767_225_600_000;

    public static readonly string[] DataSources = ["city-influxql"];

    public static readonly string[] Lines =
    [
        $"level,device=pump-1,district=Nanchang\\ County sump_level=1.5,latitude=28.6,longitude=115.9,state=1i {Now - 60_000}",
        $"level,device=pump-2,district=Xihu sump_level=0.9,latitude=28.7,longitude=115.8,state=0i {Now - 50_000}",
        $"level,device=pump-2,district=Xihu sump_level=1.1,latitude=28.7,longitude=115.8,state=0i {Now - 10_000}",
    ];

    public static readonly Dashboard Dashboard = Dashboard.Parse("sample.json", """
        {
          "uid": "sample", "title": "Sample · 样例", "description": "For tests.", "tags": ["city"], "schemaVersion": 42, "version": 1, "editable": false, "graphTooltip": 1,
          "timezone": "Asia/Shanghai", "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "timepicker": {},
          "templating": {"list": [
            {"name": "district", "label": "District · 区县", "type": "query", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "query": "SHOW TAG VALUES FROM \"level\" WITH KEY = \"district\"", "refresh": 2, "multi": true, "includeAll": true},
            {"name": "device", "label": "Device · 设备", "type": "query", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "query": "SHOW TAG VALUES FROM \"level\" WITH KEY = \"device\" WHERE \"district\" =~ /^${district:regex}$/", "refresh": 2}
          ]},
          "annotations": {"list": [
            {"name": "States", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "enable": true, "iconColor": "red", "target": {"query": "SELECT \"state\" FROM \"level\" WHERE $timeFilter AND \"device\" = '$device'", "rawQuery": true, "textColumn": "state", "fromAnnotations": true}}
          ]},
          "links": [],
          "panels": [
            {
              "id": 1, "type": "timeseries", "title": "Level · 液位", "description": "Of one station.", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
              "targets": [{"refId": "A", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "rawQuery": true, "resultFormat": "time_series", "alias": "$tag_device", "query": "SELECT mean(\"sump_level\") FROM \"level\" WHERE $timeFilter AND \"device\" = '$device' GROUP BY time($__interval), \"device\" fill(none)"}],
              "fieldConfig": {"defaults": {"unit": "lengthm", "thresholds": {"mode": "absolute", "steps": [{"value": null, "color": "text"}, {"value": 2.2, "color": "red"}]}, "custom": {"lineWidth": 2}}, "overrides": []},
              "options": {"legend": {"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []}, "tooltip": {"mode": "multi", "sort": "none"}}
            },
            {
              "id": 2, "type": "table", "title": "Stations · 泵站", "description": "All of them.", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8},
              "targets": [{"refId": "A", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "rawQuery": true, "resultFormat": "table", "query": "SELECT last(\"sump_level\") AS \"level\", \"latitude\", \"longitude\" FROM \"level\" WHERE $timeFilter AND \"district\" =~ /^${district:regex}$/ GROUP BY \"device\""}],
              "transformations": [{"id": "organize", "options": {"excludeByName": {"Time": true, "latitude": true, "longitude": true}, "indexByName": {"device": 0}, "renameByName": {"level": "Level · 液位"}}}],
              "fieldConfig": {"defaults": {"unit": "none"}, "overrides": [
                {"matcher": {"id": "byName", "options": "Level · 液位"}, "properties": [{"id": "unit", "value": "lengthm"}]},
                {"matcher": {"id": "byName", "options": "device"}, "properties": [{"id": "links", "value": [{"title": "Open · 打开", "url": "/d/sample?var-device=${__data.fields.device}&${__url_time_range}"}]}]}
              ]},
              "options": {"showHeader": true, "sortBy": [{"displayName": "device", "desc": false}]}
            },
            {
              "id": 3, "type": "geomap", "title": "Map · 地图", "description": "Where they are.", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "gridPos": {"x": 0, "y": 8, "w": 24, "h": 10},
              "targets": [{"refId": "A", "datasource": {"type": "influxdb", "uid": "city-influxql"}, "rawQuery": true, "resultFormat": "table", "query": "SELECT last(\"state\") AS \"state\", \"latitude\", \"longitude\" FROM \"level\" WHERE $timeFilter GROUP BY \"device\""}],
              "fieldConfig": {"defaults": {}, "overrides": []},
              "options": {
                "view": {"id": "fit", "allLayers": true}, "controls": {"showZoom": false}, "basemap": {"type": "xyz", "name": "none", "config": {}}, "tooltip": {"mode": "details"},
                "layers": [{"type": "markers", "name": "stations", "location": {"mode": "coords", "latitude": "latitude", "longitude": "longitude"}, "config": {"style": {"size": {"fixed": 8}, "color": {"field": "state"}}}}]
              }
            }
          ]
        }
        """);
}
